package dev.cadenza.benchmarks;

import dev.cadenza.shape.Shape;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** The numbers that benchmarks compute on: the same in every run and for every library. */
public final class Inputs {
  private Inputs() {}

  /** Where weights come from. */
  public static RandomGenerator weights() {
    return new SplittableRandom(42);
  }

  /** Where dropout comes from. */
  public static RandomGenerator dropout() {
    return new SplittableRandom(43);
  }

  /** Standard normal numbers in row-major order. */
  public static float[] normal(Shape shape, long seed) {
    RandomGenerator rng = new SplittableRandom(seed);
    float[] values = new float[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rng.nextGaussian();
    }
    return values;
  }
}
