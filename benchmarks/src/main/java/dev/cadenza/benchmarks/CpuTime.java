package dev.cadenza.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * The processor time of the whole process per operation, all threads and native libraries included:
 * {@code -prof dev.cadenza.benchmarks.CpuTime}. Other programs on the machine disturb it far less
 * than wall time.
 */
public final class CpuTime implements InternalProfiler {
  /** The name of the secondary result, in milliseconds. */
  public static final String LABEL = "cpu";

  private static final OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  private long start;

  @Override
  public String getDescription() {
    return "processor time of the process per operation";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    start = SYSTEM.getProcessCpuTime();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double ms = (SYSTEM.getProcessCpuTime() - start) / 1e6;
    double operations = Math.max(1, result.getMetadata().getAllOps());
    return List.of(new ScalarResult(LABEL, ms / operations, "ms/op", AggregationPolicy.AVG));
  }
}
