package dev.cadenza.nn;

import dev.cadenza.shape.Shape;
import java.util.function.DoubleSupplier;
import java.util.random.RandomGenerator;

/** The first values of a parameter. */
@FunctionalInterface
public interface Init {
  /** The values for a parameter of this shape, in row-major order. */
  float[] values(Shape shape);

  static Init constant(double value) {
    return shape -> fill(shape, () -> value);
  }

  /** Uniform in [-bound, bound). */
  static Init uniform(double bound, RandomGenerator rng) {
    return shape -> fill(shape, () -> (2 * rng.nextDouble() - 1) * bound);
  }

  static Init normal(double mean, double deviation, RandomGenerator rng) {
    return shape -> fill(shape, () -> mean + deviation * rng.nextGaussian());
  }

  /**
   * Uniform with bound {@code sqrt(6 / (in + out))} for a weight [out, in, ..] (Glorot and Bengio
   * 2010).
   */
  static Init xavierUniform(RandomGenerator rng) {
    return shape -> {
      int field = shape.size(2, shape.rank());
      int fans = (shape.dim(0) + shape.dim(1)) * field;
      return uniform(Math.sqrt(6.0 / fans), rng).values(shape);
    };
  }

  /**
   * Uniform with bound {@code sqrt(6 / ((1 + a^2) in))} for a weight [out, in, ..] (He et al.
   * 2015). PyTorch draws linear and convolution weights with a = sqrt(5): a bound of {@code 1 /
   * sqrt(in)}.
   */
  static Init kaimingUniform(double a, RandomGenerator rng) {
    return shape -> {
      int fanIn = shape.size(1, shape.rank());
      return uniform(Math.sqrt(6.0 / ((1 + a * a) * fanIn)), rng).values(shape);
    };
  }

  private static float[] fill(Shape shape, DoubleSupplier next) {
    float[] v = new float[shape.size()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) next.getAsDouble();
    }
    return v;
  }
}
