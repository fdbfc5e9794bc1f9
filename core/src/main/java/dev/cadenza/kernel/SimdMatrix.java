package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** {@link Matrix} by {@link SimdProduct}. */
final class SimdMatrix implements Matrix {
  /** Rows of the result that one task computes, at least: whole groups of interleaved ones. */
  private static final int ROWS = 48;

  /** The same where each task reads the right matrix from beyond the second-level cache. */
  private static final int ROWS_OF_LARGE = 192;

  /** Floats of one matrix that the second-level cache holds beside others. */
  private static final int IN_CACHE = 1 << 17;

  /** Rows of the result up to which its columns are shared out. */
  private static final int FEW_ROWS = 256;

  /** Multiplications that are worth a task of their own: some 5 us. */
  private static final int LEAST_WORK = 1 << 18;

  /** Results that stay in the second-level cache until they are written. */
  private static final int RESULTS = 1 << 15;

  /** Columns of a panel. */
  private static final int PANEL = 3 * LANES;

  /** Panels of one task at most, where columns are shared out. */
  private static final int PANELS = 8;

  /** Rows of the right matrix that are laid out at a time. */
  private static final int BLOCK = 128;

  /** {@link #PANELS} of a right matrix that is read by columns: fewer, and longer pieces. */
  private static final int TURNED_PANELS = 2;

  /** {@link #BLOCK} of a right matrix that is read by columns: half a page of memory each. */
  private static final int TURNED_BLOCK = 512;

  /** Such tasks come in fours, if there are as many panels: two or four threads end together. */
  private static final int FOURS = 4;

  /** Floats to which G1 gives regions of their own, on heaps of up to some 10 GB. */
  private static final int HUGE = 1 << 19;

  /** Floats of a matrix from which on so large an array is worth having. */
  private static final int WORTH_HUGE = 1 << 16;

  /** Where a cache line begins in such an array, behind a header of 16 bytes. */
  private static final int ALIGNED = 12;

  private static final int A = 0;
  private static final int B = 1;
  private static final int C = 2;
  private static final int INTERLEAVED = 3;
  private static final int LAID_OUT = 4;
  private static final int ALL = 5;

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
    if (batch.size() == 1 && transposeA && !transposeB && k > n && fewRows(n, m)) {
      // The transposed product, since a then need not be interleaved.
      new Right(a, 0, false, k, m, null).columns(new Left(b, 0, true, n, k), y, true);
      return y;
    }
    if (batch.size() == 1) {
      new Right(b, 0, transposeB, k, n, null).times(new Left(a, 0, transposeA, m, k), y);
      return y;
    }
    Threads.parallelFor(
        batch.size(),
        i -> {
          Right right = new Right(b, bStarts[i], transposeB, k, n, null);
          right.layOut(right.room(ALL, right.size()));
          right.times(new Left(a, aStarts[i], transposeA, m, k), 0, m, y, i * m);
        });
    return y;
  }

  @Override
  public Array linear(Array x, Array weight, @Nullable Array bias) {
    return linear(right(weight, bias), x);
  }

  @Override
  public UnaryOperator<Array> linear(Array weight, @Nullable Array bias) {
    Right w = right(weight, bias);
    w.layOut(new float[w.size()]);
    return x -> linear(w, x);
  }

  @Override
  public LinearGradients linearGradient(
      Array x, Array weight, Array g, boolean inputToo, boolean biasToo) {
    return SimdLinearGradient.serves(x.shape().dim(0), weight)
        ? new SimdLinearGradient(x, g).gradients(weight, inputToo)
        : Matrix.super.linearGradient(x, weight, g, inputToo, biasToo);
  }

  /** Whether it is columns that should be shared out. */
  private static boolean fewRows(int m, int n) {
    return m <= FEW_ROWS && n > FOURS * PANEL;
  }

  private static Right right(Array weight, @Nullable Array bias) {
    return new Right(weight, 0, true, weight.shape().dim(1), weight.shape().dim(0), bias);
  }

  private static Array linear(Right weight, Array x) {
    int rows = x.shape().dim(0);
    Array y = Array.uninitialized(DType.FLOAT32, Shape.of(rows, weight.n));
    if (y.size() > 0) {
      weight.times(new Left(x, 0, false, rows, weight.k), y);
    }
    return y;
  }

  /** A distance of rows that is no large power of two: those share a few cache lines. */
  private static int step(int columns) {
    return columns + LANES;
  }

  /**
   * A matrix [M, K] on the left of products.
   *
   * @param start where it starts in a
   * @param transposed whether a holds it as [K, M]
   */
  private record Left(Array a, int start, boolean transposed, int m, int k) {
    /** The distance of rows, or of columns if it is transposed, of what {@link #read} reads. */
    int step(int count) {
      return transposed ? count : SimdMatrix.step(k);
    }

    float[] read(int from, int count) {
      int step = step(count);
      float[] to = Scratch.mine().floats(A, (transposed ? k : count) * step);
      if (transposed) {
        for (int p = 0; p < k; p++) {
          a.read(start + p * m + from, to, p * step, count);
        }
      } else {
        for (int i = 0; i < count; i++) {
          a.read(start + (from + i) * k, to, i * step, k);
        }
      }
      return to;
    }

    /** Where each of the rows that were read starts. */
    int[] rows(int count) {
      return RowStarts.apart(count, 0, transposed ? 1 : step(count));
    }

    /** The distance of a row's elements. */
    int elementStep(int count) {
      return transposed ? step(count) : 1;
    }

    /**
     * Interleaves some rows.
     *
     * @param block elements of a row that lie together with those of all other rows
     * @param at the place of the first row in {@code to}
     * @param all how many rows {@code to} has, in whole groups
     */
    void interleave(int from, int count, int block, float[] to, int at, int all) {
      float[] rows = read(from, count);
      int step = elementStep(count);
      for (int p = 0; p < k; p += block) {
        int length = Math.min(block, k - p);
        int[] starts = RowStarts.apart(count, p * step, transposed ? 1 : step(count));
        SimdProduct.interleave(rows, starts, step, length, to, p * all + at * length);
      }
    }
  }

  /**
   * A matrix [K, N] on the right of products, and what is added to them. It is laid out in panels
   * of three vectors' columns: what the inner loop reads is one stream, whatever N. That is done
   * once for many rows of the left matrix; for few, the columns of a task lie side by side, a block
   * of rows at a time, which then never leaves the cache.
   */
  private static final class Right {
    private final Array b;
    private final int start;
    private final boolean transposed;
    private final int k;
    private final int n;
    private final int panels;
    private final float @Nullable [] bias;
    private float @Nullable [] laidOut;

    /**
     * @param start where the matrix starts in b
     * @param transposed whether b holds it as [N, K]
     */
    Right(Array b, int start, boolean transposed, int k, int n, @Nullable Array bias) {
      this.b = b;
      this.start = start;
      this.transposed = transposed;
      this.k = k;
      this.n = n;
      this.panels = (n + PANEL - 1) / PANEL;
      this.bias = bias == null ? null : Arrays.copyOf(bias.toFloatArray(), SimdProduct.padded(n));
    }

    /** Lays out all panels, as long as {@code all} is not used for something else. */
    void layOut(float[] all) {
      int length = blockLength();
      int blocks = (k + length - 1) / length;
      Threads.parallelFor(
          panels * blocks,
          task -> {
            int panel = task / blocks;
            int from = task % blocks * length;
            int at = panelStart(panel) + from * width(panel);
            layOut(panel * PANEL, columns(panel), from, all, at, width(panel));
          });
      laidOut = all;
    }

    private int panelStart(int panel) {
      return ALIGNED + panel * PANEL * k;
    }

    /** Floats that all panels take. */
    int size() {
      return ALIGNED + k * SimdProduct.padded(n) + LANES;
    }

    /** Scratch memory for panels; of a large matrix, where no vector crosses two cache lines. */
    float[] room(int slot, int size) {
      return Scratch.mine().floats(slot, k * n < WORTH_HUGE ? size : Math.max(size, HUGE));
    }

    /** Lays out some columns of a block of rows. */
    private void layOut(int first, int columns, int from, float[] to, int at, int width) {
      int count = Math.min(blockLength(), k - from);
      if (!transposed) {
        for (int row = 0; row < count; row++) {
          b.read(start + (from + row) * n + first, to, at + row * width, columns);
        }
        return;
      }
      int step = step(count);
      float[] rows = Scratch.mine().floats(B, columns * step);
      for (int j = 0; j < columns; j++) {
        b.read(start + (first + j) * k + from, rows, j * step, count);
      }
      SimdRows.transpose(rows, RowStarts.apart(columns, 0, step), count, to, at, width);
    }

    private int blockLength() {
      return transposed ? TURNED_BLOCK : BLOCK;
    }

    private int columns(int panel) {
      return Math.min(PANEL, n - panel * PANEL);
    }

    private int width(int panel) {
      return SimdProduct.padded(columns(panel));
    }

    /** The whole product, its rows or its columns shared out. */
    void times(Left a, Array y) {
      int m = a.m;
      if (laidOut == null && fewRows(m, n)) {
        columns(a, y, false);
        return;
      }
      if (laidOut == null) {
        layOut(room(ALL, size()));
      }
      int rows = k * n > IN_CACHE ? Math.max(ROWS, Math.min(ROWS_OF_LARGE, IN_CACHE / k)) : ROWS;
      int least = Math.max(rows, LEAST_WORK / Math.max(1, n * k));
      int tasks = (m + least - 1) / least;
      int perTask = ((m + tasks - 1) / tasks + 7) / 8 * 8; // alike, in whole groups
      inParts(m, perTask, (from, count) -> times(a, from, count, y, from));
    }

    /**
     * The product, its columns shared out.
     *
     * @param turned whether y is the transposed product
     */
    void columns(Left a, Array y, boolean turned) {
      int rows = SimdProduct.interleavedSize(a.m, 1);
      float[] left = new float[rows * k];
      inParts(
          a.m, ROWS, (from, count) -> a.interleave(from, count, blockLength(), left, from, rows));
      int most = FOURS * (transposed ? TURNED_PANELS : PANELS);
      int fours = (panels + most - 1) / most;
      int tasks = Math.min(panels, fours * FOURS);
      Threads.parallelFor(
          tasks,
          task -> {
            int first = task * panels / tasks;
            columns(left, a.m, first, (task + 1) * panels / tasks - first, y, turned);
          });
    }

    private interface Part {
      void run(int from, int count);
    }

    private static void inParts(int count, int part, Part body) {
      Threads.parallelFor(
          (count + part - 1) / part,
          task -> body.run(task * part, Math.min(part, count - task * part)));
    }

    /** Some columns of the product with rows that are interleaved. */
    private void columns(float[] left, int m, int first, int count, Array y, boolean turned) {
      Scratch scratch = Scratch.mine();
      int columns = Math.min(n, (first + count) * PANEL) - first * PANEL;
      int width = SimdProduct.padded(columns);
      float[] c = scratch.floats(C, m * width);
      int most = Math.min(k, blockLength());
      float[] block = room(LAID_OUT, ALIGNED + most * width + LANES);
      boolean add = startFromBias(c, width, m, first, columns);
      for (int from = 0; from < k; from += most) {
        int length = Math.min(most, k - from);
        layOut(first * PANEL, columns, from, block, ALIGNED, width);
        SimdProduct.multiplyInterleaved(
            left,
            RowStarts.interleaved(m, from * SimdProduct.interleavedSize(m, 1), length),
            block,
            RowStarts.apart(length, ALIGNED, width),
            length,
            c,
            0,
            width,
            columns,
            add || from > 0);
      }
      if (turned) {
        float[] t = scratch.floats(A, columns * m);
        SimdRows.transpose(c, RowStarts.apart(m, 0, width), columns, t, 0, m);
        y.write(first * PANEL * m, t, 0, columns * m);
      } else {
        write(c, width, m, columns, y, first * PANEL, n);
      }
    }

    /** Fills some columns of all rows of c with the bias, if there is one. */
    private boolean startFromBias(float[] c, int width, int rows, int panel, int columns) {
      for (int i = 0; bias != null && i < rows; i++) {
        System.arraycopy(bias, panel * PANEL, c, i * width, SimdProduct.padded(columns));
      }
      return bias != null;
    }

    /** Computes {@code count} rows of y from row {@code to} on. */
    void times(Left a, int from, int count, Array y, int to) {
      float[] all = Objects.requireNonNull(laidOut);
      Scratch scratch = Scratch.mine();
      boolean interleave = panels > 1; // for one panel, the product knows what is best
      float[] left;
      int[] leftRows;
      if (interleave) {
        left = scratch.floats(INTERLEAVED, SimdProduct.interleavedSize(count, k));
        a.interleave(from, count, k, left, 0, count);
        leftRows = RowStarts.interleaved(count, 0, k);
      } else {
        left = a.read(from, count);
        leftRows = a.rows(count);
      }
      int group = Math.max(1, RESULTS / (count * PANEL)); // panels written together
      float[] c = scratch.floats(C, count * step(Math.min(group, panels) * PANEL));
      for (int first = 0; first < panels; first += group) {
        int last = Math.min(panels, first + group);
        int columns = Math.min(n, last * PANEL) - first * PANEL;
        int width = panels > 1 ? step(SimdProduct.padded(columns)) : SimdProduct.padded(columns);
        boolean add = startFromBias(c, width, count, first, columns);
        for (int p = first; p < last; p++) {
          int[] rows = RowStarts.apart(k, panelStart(p), width(p));
          int at = (p - first) * PANEL;
          int wide = columns(p);
          if (interleave) {
            SimdProduct.multiplyInterleaved(left, leftRows, all, rows, k, c, at, width, wide, add);
          } else {
            int step = a.elementStep(count);
            SimdProduct.multiply(left, leftRows, step, all, rows, k, c, at, width, wide, add);
          }
        }
        write(c, width, count, columns, y, to * n + first * PANEL, n);
      }
    }
  }

  /**
   * Writes rows.
   *
   * @param width the distance of those of c
   * @param n the distance of those of y
   */
  static void write(float[] c, int width, int rows, int columns, Array y, int to, int n) {
    if (width == columns && columns == n) {
      y.write(to, c, 0, rows * columns);
      return;
    }
    for (int i = 0; i < rows; i++) {
      y.write(to + i * n, c, i * width, columns);
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
