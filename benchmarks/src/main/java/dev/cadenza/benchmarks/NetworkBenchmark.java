package dev.cadenza.benchmarks;

import dev.cadenza.tensor.Gradients;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The whole networks: training step, its optimizer part, and prediction. */
public abstract class NetworkBenchmark extends CadenzaBenchmark {
  NetworkRun run;

  abstract String network();

  @Setup
  public void setUp() {
    run = new NetworkRun(NetworkSpec.parse(network()), 1e-6);
  }

  /** On a batch of 32. */
  public static class Training extends NetworkBenchmark {
    @Param({"two-branch 32", "parallel 32"})
    String network;

    private Gradients gradients;

    @Override
    String network() {
      return network;
    }

    @Setup
    public void keepGradients() {
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
  public static class Prediction extends NetworkBenchmark {
    @Param({"two-branch 1", "two-branch 32", "parallel 1", "parallel 32"})
    String network;

    @Override
    String network() {
      return network;
    }

    @Benchmark
    public float[] predict() {
      return run.predict();
    }
  }
}
