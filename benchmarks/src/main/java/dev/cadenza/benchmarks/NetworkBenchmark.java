package dev.cadenza.benchmarks;

import dev.cadenza.tensor.Gradients;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The whole networks: training step, its optimizer part, and prediction. */
public final class NetworkBenchmark {
  private NetworkBenchmark() {}

  private static NetworkRun open(String network) {
    return new NetworkRun(NetworkSpec.parse(network), NetworkRun.STILL);
  }

  /** On a batch of 32. */
  public static class Training extends CadenzaBenchmark {
    @Param({"two-branch 32", "parallel 32"})
    String network;

    private NetworkRun run;
    private Gradients gradients;

    @Setup
    public void setUp() {
      run = open(network);
      gradients = run.gradients();
    }

    @Benchmark
    public void step() {
      run.step();
    }

    @Benchmark
    public void optimizer() {
      run.update(gradients);
    }
  }

  /** Of 1 clip and of 32. */
  public static class Prediction extends CadenzaBenchmark {
    @Param({"two-branch 1", "two-branch 32", "parallel 1", "parallel 32"})
    String network;

    private NetworkRun run;

    @Setup
    public void setUp() {
      run = open(network);
    }

    @Benchmark
    public float[] predict() {
      return run.predict();
    }
  }
}
