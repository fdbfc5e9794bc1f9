package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;

/**
 * {@link Softmax} by loops over tiles of doubles. Where all inputs are minus infinity (a query
 * whose keys are all masked) softmax is 0.
 */
final class PortableSoftmax implements Softmax {
  private static final double LOWEST = -Float.MAX_VALUE;
  private static final int X = 0;
  private static final int G = 1;

  @Override
  public Array softmax(Array x, int axis) {
    return map(
        x,
        x,
        axis,
        (a, same, from, to, step) -> {
          double total = exponentials(a, from, to, step);
          for (int i = from; i < to; i += step) {
            a[i] = total == 0 ? 0 : a[i] / total;
          }
        });
  }

  @Override
  public Array softmaxGradient(Array y, Array g, int axis) {
    return map(
        y,
        g,
        axis,
        (a, b, from, to, step) -> {
          double total = 0;
          for (int i = from; i < to; i += step) {
            total += a[i] * b[i];
          }
          for (int i = from; i < to; i += step) {
            a[i] *= b[i] - total;
          }
        });
  }

  @Override
  public Array logSoftmax(Array x, int axis) {
    return map(
        x,
        x,
        axis,
        (a, original, from, to, step) -> {
          double shift = maximum(a, from, to, step);
          double total = Math.log(exponentials(a, from, to, step));
          for (int i = from; i < to; i += step) {
            a[i] = original[i] - shift - total;
          }
        });
  }

  @Override
  public Array logSoftmaxGradient(Array y, Array g, int axis) {
    return map(
        y,
        g,
        axis,
        (a, b, from, to, step) -> {
          double total = 0;
          for (int i = from; i < to; i += step) {
            total += b[i];
          }
          for (int i = from; i < to; i += step) {
            a[i] = b[i] - Math.exp(a[i]) * total;
          }
        });
  }

  /** Replaces numbers by exp of what they are above the largest; returns their sum. */
  private static double exponentials(double[] a, int from, int to, int step) {
    double shift = maximum(a, from, to, step);
    double total = 0;
    for (int i = from; i < to; i += step) {
      a[i] = Math.exp(a[i] - shift);
      total += a[i];
    }
    return total;
  }

  /** In four that do not wait for each other. */
  private static double maximum(double[] a, int from, int to, int step) {
    double m0 = LOWEST;
    double m1 = LOWEST;
    double m2 = LOWEST;
    double m3 = LOWEST;
    int i = from;
    for (; i + 3 * step < to; i += 4 * step) {
      m0 = Math.max(m0, a[i]);
      m1 = Math.max(m1, a[i + step]);
      m2 = Math.max(m2, a[i + 2 * step]);
      m3 = Math.max(m3, a[i + 3 * step]);
    }
    for (; i < to; i += step) {
      m0 = Math.max(m0, a[i]);
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /** Every {@code step}-th number from {@code from} to before {@code to} is one row of the axis. */
  private interface Row {
    void at(double[] a, double[] b, int from, int to, int step);
  }

  /** What {@code body} makes of the rows of {@code a}, beside those of {@code b}. */
  private static Array map(Array a, Array b, int axis, Row body) {
    Shape s = a.shape();
    Array y = Array.uninitialized(a.type(), s);
    int inner = s.size(axis + 1, s.rank());
    int block = s.size(axis, s.rank()); // all rows that lie between each other
    int blocks = block == 0 ? 0 : s.size() / block;
    int blocksAtOnce = Math.max(1, PortableElementwise.TILE / Math.max(1, block));
    Threads.parallelFor(
        (blocks + blocksAtOnce - 1) / blocksAtOnce,
        task -> {
          int first = task * blocksAtOnce;
          int n = Math.min(blocksAtOnce, blocks - first) * block;
          double[] in = Scratch.mine().doubles(X, n);
          double[] beside = Scratch.mine().doubles(G, n);
          a.read(first * block, in, 0, n);
          b.read(first * block, beside, 0, n);
          for (int start = 0; start < n; start += block) {
            for (int i = start; i < start + inner; i++) {
              body.at(in, beside, i, start + block, inner);
            }
          }
          y.write(first * block, in, 0, n);
        });
    return y;
  }
}
