package dev.cadenza.benchmarks.peers;

import dev.cadenza.benchmarks.CadenzaBenchmark;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A job done by one library, or by several in turns: {@code cadenza+djl} gives the even iterations
 * to the first and the odd ones to the second, so that whatever disturbs the machine disturbs both.
 * JMH's own summary means nothing then; {@link Compare} reads the single iterations.
 */
public class PeerBenchmark extends CadenzaBenchmark {
  @Param({
    "train two-branch 32",
    "train parallel 32",
    "predict two-branch 32",
    "predict two-branch 1"
  })
  String job;

  @Param({"cadenza", "djl"})
  String libraries;

  private List<Contender> contenders = List.of();
  private int iteration;
  private Contender current;

  @Setup(Level.Trial)
  public void prepare() {
    contenders =
        Arrays.stream(libraries.toUpperCase(Locale.ROOT).split("\\+", -1))
            .map(name -> Library.valueOf(name).prepare(Job.parse(job), false))
            .toList();
  }

  @Setup(Level.Iteration)
  public void next() {
    current = contenders.get(iteration++ % contenders.size());
  }

  @Benchmark
  public void run() {
    current.run();
  }

  @TearDown(Level.Trial)
  public void close() {
    contenders.forEach(Contender::close);
  }
}
