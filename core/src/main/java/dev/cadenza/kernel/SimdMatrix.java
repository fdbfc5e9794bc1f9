package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@link Matrix} by {@link SimdProduct}. */
final class SimdMatrix implements Matrix {
  /** Rows of the result that one task computes, at least. */
  private static final int ROWS = 48;

  /** Multiplications that are worth a task of their own: some 5 us. */
  private static final int LEAST_WORK = 1 << 18;

  /** Numbers whose copying is worth a task of its own. */
  private static final int LEAST_COPY = 1 << 14;

  /** Results that stay in the second-level cache until they are written. */
  private static final int RESULTS = 1 << 15;

  /** Columns of a panel. */
  private static final int PANEL = 3 * LANES;

  private static final int TILE = 16;

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int INTERLEAVED = 3;

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
      new Right(b, 0, transposeB, k, n, null).times(a, transposeA, m, y);
      return y;
    }
    Threads.parallelFor(
        batch.size(),
        i -> {
          float[] as = Scratch.mine().floats(A, m * k);
          a.read(aStarts[i], as, 0, m * k);
          Right right = new Right(b, bStarts[i], transposeB, k, n, null);
          right.times(as, transposeA, transposeA ? m : k, m, y, i * m);
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
    Right w = new Right(weight, 0, true, weight.shape().dim(1), out, bias);
    return x -> {
      int rows = x.shape().dim(0);
      Array y = Array.uninitialized(DType.FLOAT32, Shape.of(rows, out));
      if (y.size() > 0) {
        w.times(x, false, rows, y);
      }
      return y;
    };
  }

  /**
   * A matrix [K, N] on the right of products, and what is added to them. It is laid out in panels
   * of three vectors' columns: what the inner loop reads is one stream, whatever N.
   */
  private static final class Right {
    private final int k;
    private final int n;
    private final float[] panels;
    private final int[][] rows; // where those of each panel start
    private final float @Nullable [] bias;

    /**
     * @param start where the matrix starts in b
     * @param transposed whether b holds it as [N, K]
     */
    Right(Array b, int start, boolean transposed, int k, int n, @Nullable Array bias) {
      this.k = k;
      this.n = n;
      this.bias = bias == null ? null : Arrays.copyOf(bias.toFloatArray(), SimdProduct.padded(n));
      this.rows = new int[(n + PANEL - 1) / PANEL][];
      for (int panel = 0; panel < rows.length; panel++) {
        rows[panel] = SimdProduct.rows(k, panel * k * PANEL, width(panel));
      }
      this.panels = new float[k * SimdProduct.padded(n) + LANES];
      int panelsAtOnce = Math.max(1, LEAST_COPY / (k * PANEL));
      int rowsAtOnce = Math.max(1, LEAST_COPY / n);
      if (transposed) {
        inParts(rows.length, panelsAtOnce, panel -> readTransposed(b, start, panel));
      } else {
        inParts(k, rowsAtOnce, row -> read(b, start, row));
      }
    }

    /** Runs a body for 0 .. count - 1, so many of them a task. */
    private static void inParts(int count, int part, IntConsumer body) {
      Threads.parallelFor(
          (count + part - 1) / part,
          task -> {
            for (int i = task * part; i < Math.min(count, (task + 1) * part); i++) {
              body.accept(i);
            }
          });
    }

    /** A distance of rows of k that is no large power of two: those share a few cache lines. */
    private static int step(int k) {
      return k + LANES;
    }

    private int columns(int panel) {
      return Math.min(PANEL, n - panel * PANEL);
    }

    private int width(int panel) {
      return SimdProduct.padded(columns(panel));
    }

    private void read(Array b, int start, int row) {
      float[] from = Scratch.mine().floats(B, n);
      b.read(start + row * n, from, 0, n);
      for (int panel = 0; panel < rows.length; panel++) {
        System.arraycopy(from, panel * PANEL, panels, rows[panel][row], columns(panel));
      }
    }

    /** Turns square tiles, whose rows and columns both stay in the first-level cache. */
    private void readTransposed(Array b, int start, int panel) {
      int step = step(k);
      int columns = columns(panel);
      int width = width(panel);
      float[] from = Scratch.mine().floats(B, PANEL * step);
      for (int j = 0; j < columns; j++) {
        b.read(start + (panel * PANEL + j) * k, from, j * step, k);
      }
      for (int tile = 0; tile < k; tile += TILE) {
        int end = Math.min(k, tile + TILE);
        for (int j = 0; j < columns; j++) {
          int to = rows[panel][tile] + j;
          for (int p = j * step + tile; p < j * step + end; p++, to += width) {
            panels[to] = from[p];
          }
        }
      }
    }

    /** The product with a [M, K], or with the transpose of a [K, M], its rows shared out. */
    void times(Array a, boolean transposed, int m, Array y) {
      int least = Math.max(ROWS, LEAST_WORK / Math.max(1, n * k));
      int tasks = (m + least - 1) / least;
      int perTask = ((m + tasks - 1) / tasks + 7) / 8 * 8; // alike, in whole groups
      Threads.parallelFor(
          (m + perTask - 1) / perTask,
          task -> {
            int from = task * perTask;
            int count = Math.min(perTask, m - from);
            int step = transposed ? count : step(k);
            float[] as = Scratch.mine().floats(A, (transposed ? k : count) * step);
            if (transposed) {
              for (int p = 0; p < k; p++) {
                a.read(p * m + from, as, p * step, count);
              }
            } else {
              for (int i = 0; i < count; i++) {
                a.read((from + i) * k, as, i * step, k);
              }
            }
            times(as, transposed, step, count, y, from);
          });
    }

    /**
     * Computes {@code count} rows of y from row {@code to} on.
     *
     * @param step the distance of a's rows
     */
    void times(float[] a, boolean transposed, int step, int count, Array y, int to) {
      int[] aRows = SimdProduct.rows(count, 0, transposed ? 1 : step);
      int aStep = transposed ? step : 1;
      boolean interleave = rows.length > 1; // for one panel, the product knows what is best
      float[] left = a;
      if (interleave) {
        left = Scratch.mine().floats(INTERLEAVED, SimdProduct.interleavedSize(count, k));
        SimdProduct.interleave(a, aRows, aStep, k, left);
        aRows = SimdProduct.interleavedRows(count, 0, k);
      }
      int group = Math.max(1, RESULTS / (count * PANEL)); // panels written together
      float[] c = Scratch.mine().floats(C, count * group * PANEL);
      for (int first = 0; first < rows.length; first += group) {
        int last = Math.min(rows.length, first + group);
        int columns = Math.min(n, last * PANEL) - first * PANEL;
        int width = SimdProduct.padded(columns);
        boolean add = bias != null;
        if (bias != null) {
          for (int i = 0; i < count; i++) {
            System.arraycopy(bias, first * PANEL, c, i * width, width);
          }
        }
        for (int panel = first; panel < last; panel++) {
          float[] b = panels;
          int[] bRows = rows[panel];
          int at = (panel - first) * PANEL;
          int wide = columns(panel);
          if (interleave) {
            SimdProduct.multiplyInterleaved(left, aRows, b, bRows, k, c, at, width, wide, add);
          } else {
            SimdProduct.multiply(a, aRows, aStep, b, bRows, k, c, at, width, wide, add);
          }
        }
        if (columns == n) {
          write(c, count, n, y, to * n);
        } else {
          for (int i = 0; i < count; i++) {
            y.write((to + i) * n + first * PANEL, c, i * width, columns);
          }
        }
      }
    }
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
