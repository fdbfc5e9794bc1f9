package dev.cadenza.tensor;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.op.Op;
import dev.cadenza.shape.Shape;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Proves that a gradient belongs to its value: derivatives along random directions, once by {@link
 * Tensor#backward(Tensor)} and once by central differences, in float64. For people who write an op
 * or a layer of their own:
 *
 * <pre>{@code
 * Tensor a = ...;  // float64, tracked
 * GradCheck.seeded(42).check(() -> a.exp().mul(b), a, b);
 *
 * Layer layer = new Linear(5, 3, rng).to(DType.FLOAT64);
 * GradCheck.seeded(42).check(() -> layer.forward(x, Pass.eval().recording()), layer.parameters().values());
 * }</pre>
 *
 * <p>With f the function, x a leaf, u and v random, the two numbers are {@code <backward(u), v>}
 * and {@code <u, (f(x + h v) - f(x - h v)) / 2h>}: two evaluations for a direction, whatever the
 * size. The form is that of {@code check_vjp} in HIPS/autograd. Stay away from kinks (ReLU at 0,
 * ties in a pooling window): there a difference is no derivative.
 */
public final class GradCheck {
  /** The cube root of a double's relative precision: where rounding and truncation meet. */
  private static final double STEP = 6e-6;

  /**
   * Rounding is 1e-16 / STEP of the values, truncation STEP^2 of the third derivative: both some
   * 1e-11, and 1e-7 leaves room for long sums and for steep functions.
   */
  private static final double TOLERANCE = 1e-7;

  private final long seed;
  private final int directions;

  private GradCheck(long seed, int directions) {
    if (directions < 1) {
      throw new IllegalArgumentException(
          "gradCheck: expected at least one direction, got " + directions);
    }
    this.seed = seed;
    this.directions = directions;
  }

  /** A check along three directions for each leaf, drawn with this seed. */
  public static GradCheck seeded(long seed) {
    return new GradCheck(seed, 3);
  }

  /** This check along another number of directions for each leaf. */
  public GradCheck directions(int n) {
    return new GradCheck(seed, n);
  }

  /**
   * Checks an op at these inputs, all of which are differentiated.
   *
   * @throws AssertionError if a gradient does not belong to the value
   */
  public void check(Op op, Tensor... inputs) {
    check(() -> Tensor.apply(op, inputs), inputs);
  }

  /**
   * Checks a function of the given leaves.
   *
   * @param function reads the leaves and gives the same value each time; of any shape
   * @param leaves tracked float64 leaves; their numbers are replaced meanwhile and restored
   * @throws AssertionError if the gradient for a leaf does not belong to the value
   */
  public void check(Supplier<Tensor> function, Tensor... leaves) {
    check(function, List.of(leaves));
  }

  /** See {@link #check(Supplier, Tensor...)}. */
  public void check(Supplier<Tensor> function, Collection<Tensor> leaves) {
    for (Tensor leaf : leaves) {
      if (!leaf.isLeaf() || !leaf.isTracked() || leaf.type() != DType.FLOAT64) {
        throw new IllegalArgumentException(
            "gradCheck: expected a tracked float64 leaf, got " + leaf);
      }
    }
    RandomGenerator rng = new SplittableRandom(seed);
    Tensor value = function.get();
    double[] u = normal(rng, value.shape());
    Gradients gradients = value.backward(Tensor.of(Array.of(u, value.shape())));
    int number = 0;
    for (Tensor leaf : leaves) {
      double[] gradient = gradients.of(leaf).toDoubleArray();
      for (int direction = 0; direction < directions; direction++) {
        double[] v = normal(rng, leaf.shape());
        Differences d = differences(function, leaf, v, u);
        compare(number, leaf, direction, dot(gradient, v), d);
      }
      number++;
    }
  }

  /**
   * The derivative along a direction by central differences.
   *
   * @param size the sum of the magnitudes that the derivative is made of, to which errors relate
   */
  private record Differences(double derivative, double size) {}

  private static Differences differences(
      Supplier<Tensor> function, Tensor leaf, double[] v, double[] u) {
    Array before = leaf.array();
    try {
      double[] above = at(function, leaf, before, v, STEP);
      double[] below = at(function, leaf, before, v, -STEP);
      double derivative = 0;
      double size = 0;
      for (int i = 0; i < u.length; i++) {
        double slope = (above[i] - below[i]) / (2 * STEP);
        derivative += u[i] * slope;
        size += Math.abs(u[i]) * (Math.abs(slope) + Math.abs(above[i]));
      }
      return new Differences(derivative, size);
    } finally {
      leaf.replace(before);
    }
  }

  private static double[] at(
      Supplier<Tensor> function, Tensor leaf, Array center, double[] v, double step) {
    double[] x = center.toDoubleArray();
    for (int i = 0; i < x.length; i++) {
      x[i] += step * v[i];
    }
    leaf.replace(Array.of(x, center.shape()));
    return function.get().toDoubleArray();
  }

  private void compare(int number, Tensor leaf, int direction, double backward, Differences d) {
    double limit = TOLERANCE * Math.max(d.size(), Math.abs(backward));
    if (!(Math.abs(backward - d.derivative()) <= limit)) {
      throw new AssertionError(
          String.format(
              Locale.ROOT,
              "gradient of leaf %d %s along direction %d of seed %d: backward says %.9g,"
                  + " differences say %.9g, more than %.2g apart",
              number,
              leaf.shape(),
              direction,
              seed,
              backward,
              d.derivative(),
              limit));
    }
  }

  private static double[] normal(RandomGenerator rng, Shape shape) {
    double[] values = new double[shape.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = rng.nextGaussian();
    }
    return values;
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }
}
