package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@link Matrix} by {@link SimdProduct}. */
final class SimdMatrix implements Matrix {
  /** Rows of the result that one task computes, at least. */
  private static final int ROWS = 48;

  /** Multiplications that are worth a task of their own: some 5 us. */
  private static final int LEAST_WORK = 1 << 18;

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;

  @Override
  public Array matmul(Array a, boolean transposeA, Array b, boolean transposeB) {
    Shape out = Matrix.productShape(a, transposeA, b, transposeB);
    int m = out.dim(-2);
    int n = out.dim(-1);
    int k = a.shape().dim(transposeA ? -2 : -1);
    Array y = Array.uninitialized(DType.FLOAT32, out);
    if (out.size() == 0 || k == 0) {
      return Array.zeros(DType.FLOAT32, out);
    }
    Shape batch = out.slice(0, out.rank() - 2);
    int[] aStarts = starts(a.shape(), batch, m * k);
    int[] bStarts = starts(b.shape(), batch, k * n);
    if (batch.size() == 1) {
      new Right(b, transposeB, k, n, null).product(a, transposeA, m, y);
      return y;
    }
    Threads.parallelFor(
        batch.size(),
        i -> {
          Scratch scratch = Scratch.mine();
          float[] bs = scratch.floats(B, k * SimdProduct.padded(n) + LANES);
          readB(b, bStarts[i], transposeB, k, n, bs);
          float[] as = scratch.floats(A, m * k);
          a.read(aStarts[i], as, 0, m * k);
          block(as, rowsOfA(transposeA, 0, m, k), transposeA ? m : 1, bs, n, k, null, y, i * m);
        });
    return y;
  }

  @Override
  public Array linear(Array x, Array weight, @Nullable Array bias) {
    return linear(weight, bias).apply(x);
  }

  @Override
  public UnaryOperator<Array> linear(Array weight, @Nullable Array bias) {
    int out = weight.shape().dim(0);
    Right w = new Right(weight, true, weight.shape().dim(1), out, bias);
    return x -> {
      int rows = x.shape().dim(0);
      Array y = Array.uninitialized(DType.FLOAT32, Shape.of(rows, out));
      if (y.size() > 0) {
        w.product(x, false, rows, y);
      }
      return y;
    };
  }

  /** A matrix on the right of products, [K, N] in rows of whole vectors, and what is added. */
  private static final class Right {
    private final int k;
    private final int n;
    private final float[] rows;
    private final float @Nullable [] bias;

    Right(Array b, boolean transposed, int k, int n, @Nullable Array bias) {
      this.k = k;
      this.n = n;
      this.rows = new float[k * SimdProduct.padded(n) + LANES];
      this.bias = bias == null ? null : Arrays.copyOf(bias.toFloatArray(), SimdProduct.padded(n));
      readB(b, 0, transposed, k, n, rows);
    }

    /** The product with a [M, K], its rows shared among threads. */
    void product(Array a, boolean transposed, int m, Array y) {
      float[] all = transposed ? a.toFloatArray() : null;
      int perTask = Math.max(ROWS, LEAST_WORK / Math.max(1, n * k) / 8 * 8);
      Threads.parallelFor(
          (m + perTask - 1) / perTask,
          task -> {
            int from = task * perTask;
            int count = Math.min(perTask, m - from);
            if (all != null) {
              block(all, rowsOfA(true, from, count, k), m, rows, n, k, bias, y, from);
            } else {
              float[] as = Scratch.mine().floats(A, count * k);
              a.read(from * k, as, 0, count * k);
              block(as, rowsOfA(false, 0, count, k), 1, rows, n, k, bias, y, from);
            }
          });
    }
  }

  /** Computes rows of y from row {@code to} on. */
  private static void block(
      float[] a,
      int[] aRows,
      int aStep,
      float[] b,
      int n,
      int k,
      float @Nullable [] bias,
      Array y,
      int to) {
    int rows = aRows.length;
    int width = SimdProduct.padded(n);
    float[] c = Scratch.mine().floats(C, rows * width);
    if (bias != null) {
      for (int i = 0; i < rows; i++) {
        System.arraycopy(bias, 0, c, i * width, width);
      }
    }
    int[] bRows = SimdProduct.rows(k, 0, width);
    SimdProduct.multiply(a, aRows, aStep, b, bRows, k, c, 0, width, n, bias != null);
    write(c, rows, n, y, to * n);
  }

  /** Writes rows that are padded to whole vectors. */
  static void write(float[] c, int rows, int columns, Array y, int to) {
    int width = SimdProduct.padded(columns);
    if (width == columns) {
      y.write(to, c, 0, rows * columns);
      return;
    }
    for (int i = 0; i < rows; i++) {
      y.write(to + i * columns, c, i * width, columns);
    }
  }

  private static int[] rowsOfA(boolean transposed, int from, int count, int k) {
    return transposed ? SimdProduct.rows(count, from, 1) : SimdProduct.rows(count, from * k, k);
  }

  /** Reads b, or its transpose, as rows padded to whole vectors. */
  static void readB(Array b, int start, boolean transposed, int k, int n, float[] to) {
    int width = SimdProduct.padded(n);
    if (!transposed) {
      for (int p = 0; p < k; p++) {
        b.read(start + p * n, to, p * width, n);
      }
      return;
    }
    float[] column = new float[k];
    for (int j = 0; j < n; j++) {
      b.read(start + j * k, column, 0, k);
      for (int p = 0; p < k; p++) {
        to[p * width + j] = column[p];
      }
    }
  }

  /** Where the matrix for each element of the batch starts; broadcast axes do not move. */
  private static int[] starts(Shape operand, Shape batch, int matrix) {
    int[] starts = new int[batch.size()];
    Shape own = operand.slice(0, operand.rank() - 2);
    int[] steps = own.strides();
    for (int i = 0; i < starts.length; i++) {
      int rest = i;
      for (int axis = 1; axis <= batch.rank(); axis++) {
        int index = rest % batch.dim(-axis);
        rest /= batch.dim(-axis);
        if (axis <= own.rank() && own.dim(-axis) != 1) {
          starts[i] += index * steps[own.rank() - axis] * matrix;
        }
      }
    }
    return starts;
  }
}
