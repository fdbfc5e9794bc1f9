package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Softmax} along the last axis, a row at a time; other axes are left to the portable one.
 */
final class SimdSoftmax implements Softmax {
  private static final int ROWS = 64;
  private static final int X = 0;
  private static final int Y = 1;

  private final Softmax portable;

  SimdSoftmax(Softmax portable) {
    this.portable = portable;
  }

  /** Turns the row x, with its tail, into the result; y is the other operand's row. */
  private interface Row {
    void run(float[] x, float[] y, int n);
  }

  private static boolean last(Array x, int axis) {
    return axis == x.shape().rank() - 1 && x.size() > 0;
  }

  /** Applies a function to matching rows; {@code filler} is what x's tail holds. */
  private static Array rows(Array a, Array b, float filler, Row row) {
    int n = a.shape().dim(-1);
    int count = a.size() / n;
    Array out = Array.uninitialized(DType.FLOAT32, a.shape());
    Threads.parallelFor(
        (count + ROWS - 1) / ROWS,
        task -> {
          Scratch scratch = Scratch.mine();
          float[] x = scratch.floats(X, n + LANES);
          float[] y = scratch.floats(Y, n + LANES);
          Arrays.fill(y, n, n + LANES, 0);
          for (int r = task * ROWS; r < Math.min(count, (task + 1) * ROWS); r++) {
            a.read(r * n, x, 0, n);
            Arrays.fill(x, n, n + LANES, filler);
            b.read(r * n, y, 0, n);
            row.run(x, y, n);
            out.write(r * n, x, 0, n);
          }
        });
    return out;
  }

  @Override
  public Array softmax(Array x, int axis) {
    if (!last(x, axis)) {
      return portable.softmax(x, axis);
    }
    return rows(
        x,
        x,
        Float.NEGATIVE_INFINITY,
        (row, same, n) -> {
          float max = max(row, n);
          for (int i = 0; i < n; i += LANES) {
            SimdRows.expOfSmall(FloatVector.fromArray(S, row, i).sub(max)).intoArray(row, i);
          }
          float total = (float) SimdRows.sum(row, 0, n);
          SimdRows.affine(row, 0, n, 1 / Math.max(total, Float.MIN_NORMAL), 0);
        });
  }

  /** The largest element, but at least the lowest finite number. */
  private static float max(float[] row, int n) {
    FloatVector max = FloatVector.broadcast(S, -Float.MAX_VALUE);
    for (int i = 0; i < n; i += LANES) {
      max = FloatVector.fromArray(S, row, i).max(max);
    }
    return FloatVector.broadcast(S, -Float.MAX_VALUE).max(max).reduceLanes(VectorOperators.MAX);
  }

  @Override
  public Array softmaxGradient(Array y, Array g, int axis) {
    if (!last(y, axis)) {
      return portable.softmaxGradient(y, g, axis);
    }
    return rows(
        g,
        y,
        0,
        (row, value, n) -> {
          float sum = (float) SimdRows.dot(row, value, n);
          for (int i = 0; i < n; i++) {
            row[i] = value[i] * (row[i] - sum);
          }
        });
  }

  @Override
  public Array logSoftmax(Array x, int axis) {
    if (!last(x, axis)) {
      return portable.logSoftmax(x, axis);
    }
    return rows(
        x,
        x,
        Float.NEGATIVE_INFINITY,
        (row, same, n) -> {
          float max = max(row, n);
          double sum = 0;
          for (int i = 0; i < n; i++) {
            sum += Math.exp(row[i] - max);
          }
          SimdRows.affine(row, 0, n, 1, -max);
          SimdRows.affine(row, 0, n, 1, (float) -Math.log(sum));
        });
  }

  @Override
  public Array logSoftmaxGradient(Array y, Array g, int axis) {
    if (!last(y, axis)) {
      return portable.logSoftmaxGradient(y, g, axis);
    }
    return rows(
        g,
        y,
        0,
        (row, value, n) -> {
          float sum = (float) SimdRows.sum(row, 0, n);
          for (int i = 0; i < n; i += LANES) {
            FloatVector e = SimdRows.exp(FloatVector.fromArray(S, value, i));
            FloatVector.fromArray(S, row, i).sub(e.mul(sum)).intoArray(row, i);
          }
        });
  }
}
