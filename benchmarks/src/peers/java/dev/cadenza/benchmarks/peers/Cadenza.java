package dev.cadenza.benchmarks.peers;

import dev.cadenza.benchmarks.LayerRun;
import dev.cadenza.benchmarks.LayerSpec;
import dev.cadenza.benchmarks.NetworkRun;
import dev.cadenza.benchmarks.NetworkSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** This library. */
final class Cadenza {
  /** Steps of training that are compared. */
  static final int STEPS = 5;

  private Cadenza() {}

  static Contender prepare(Job job, boolean exact) {
    return switch (job.kind()) {
      case TRAIN -> {
        NetworkRun run = network(job, exact);
        yield contender(run::step, () -> losses(run::stepWithLoss));
      }
      case PREDICT -> {
        NetworkRun run = network(job, exact);
        yield contender(run::predict, () -> Map.of("probabilities", run.predict()));
      }
      case LAYER -> {
        LayerRun run = new LayerRun(LayerSpec.parse(job.what()), !exact);
        yield contender(run::forwardBackward, run::values);
      }
    };
  }

  private static NetworkRun network(Job job, boolean exact) {
    return new NetworkRun(spec(job, exact), learningRate(exact));
  }

  static NetworkSpec spec(Job job, boolean exact) {
    NetworkSpec spec = NetworkSpec.parse(job.what());
    return exact ? spec.withoutDropout() : spec;
  }

  /**
   * A tenth of the recipe's rate where libraries are compared: at the full rate the steps magnify
   * rounding, and PyTorch's own float32 losses leave its float64 ones by more than 1e-4.
   */
  static double learningRate(boolean exact) {
    return exact ? 0.001 : NetworkRun.STILL;
  }

  /** The losses of successive training steps by name. */
  static Map<String, float[]> losses(Supplier<Float> step) {
    Map<String, float[]> losses = new LinkedHashMap<>();
    for (int i = 1; i <= STEPS; i++) {
      losses.put("loss " + i, new float[] {step.get()});
    }
    return losses;
  }

  private static Contender contender(Runnable run, Supplier<Map<String, float[]>> values) {
    return new Contender() {
      @Override
      public void run() {
        run.run();
      }

      @Override
      public Map<String, float[]> values() {
        return values.get();
      }
    };
  }
}
