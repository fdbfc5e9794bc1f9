package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Matrix} by BLAS through ND4J, its products shared out among {@link Threads}. */
final class PortableMatrix implements Matrix {
  /** Rows or columns of a result that BLAS needs to be quick. */
  private static final int LINES = 16;

  /**
   * Multiplications for which two tasks are four times this many: views and a call of BLAS take
   * some 50 us a task, and each lays out all of one matrix again.
   */
  private static final double WORTH = 800_000;

  private static final int ROWS = 0;
  private static final int BIAS = 1;

  private final Layout layout;

  PortableMatrix(Layout layout) {
    this.layout = layout;
  }

  @Override
  public Array matmul(Array a, boolean transposeA, Array b, boolean transposeB) {
    Shape out = Matrix.productShape(a, transposeA, b, transposeB);
    if (a.size() == 0 || b.size() == 0) {
      return Array.zeros(a.type(), out);
    }
    Array y = Array.uninitialized(a.type(), out);
    share(batched(a, out), transposeA, batched(b, out), transposeB, batched(y, out));
    return y;
  }

  /** As [batch, rows, columns], with the batch axes of {@code out}. */
  private INDArray batched(Array x, Shape out) {
    Shape matrix = x.shape().slice(x.shape().rank() - 2, x.shape().rank());
    Shape full = out.slice(0, out.rank() - 2).append(matrix.dims());
    Array all = full.size() == x.size() ? x : layout.broadcast(x, full);
    return all.nd(full.size() / matrix.size(), matrix.dim(0), matrix.dim(1));
  }

  /**
   * {@code y = a b} of every batch: one call, since an ND4J view costs more than a small product.
   */
  static void product(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
    Nd4j.matmul(a, b, y, transposeA, transposeB, false);
  }

  /**
   * {@link #product} on all threads. What a task does depends on the shapes alone: some of the
   * batches, or of a single one some of its rows or columns, whichever are more, since each task
   * lays out all of the other matrix.
   */
  static void share(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
    int axis = y.size(0) > 1 ? 0 : y.size(1) >= y.size(2) ? 1 : 2;
    long work = b.length() * y.size(1);
    long most = axis == 0 ? y.size(0) : y.size(axis) / LINES;
    int tasks =
        Integer.highestOneBit(
            (int) Math.min(Math.sqrt(work / WORTH), most)); // alike for two threads, or four
    if (tasks <= 1) {
      product(a, transposeA, b, transposeB, y);
      return;
    }
    Threads.parallelFor(
        tasks,
        task -> {
          long from = y.size(axis) * task / tasks;
          long to = y.size(axis) * (task + 1) / tasks;
          product(
              axis == 2 ? a : range(a, axis == 1 && transposeA ? 2 : axis, from, to),
              transposeA,
              axis == 1 ? b : range(b, axis == 2 && transposeB ? 1 : axis, from, to),
              transposeB,
              range(y, axis, from, to));
        });
  }

  /**
   * A part of an axis; shares memory. {@link INDArray#get} would return nothing for some parts of
   * an array that is itself a part of a block.
   */
  static INDArray range(INDArray x, int axis, long from, long to) {
    long[] shape = x.shape().clone();
    shape[axis] = to - from;
    long start = x.offset() + from * x.stride(axis);
    return Nd4j.create(x.data(), shape, x.stride(), start, 'c');
  }

  @Override
  public Array linear(Array x, Array weight, @Nullable Array bias) {
    Array y = matmul(x, false, weight, true);
    if (bias != null && y.size() > 0) {
      addToRows(bias, y);
    }
    return y;
  }

  /** Some rows at a time, beside as many copies of {@code bias}. */
  private static void addToRows(Array bias, Array y) {
    int columns = bias.size();
    int rows = y.size() / columns;
    int rowsAtOnce = Math.max(1, PortableElementwise.TILE / columns);
    Threads.parallelFor(
        (rows + rowsAtOnce - 1) / rowsAtOnce,
        task -> {
          int first = task * rowsAtOnce * columns;
          int n = Math.min(y.size() - first, rowsAtOnce * columns);
          Tile copies = Scratch.mine().tile(y.type(), BIAS, n);
          for (int i = 0; i < n; i += columns) {
            copies.read(bias, 0, i, columns);
          }
          Tile tile = Scratch.mine().read(ROWS, y, first, n);
          tile.add(copies, 0, n);
          tile.write(y, first, n);
        });
  }
}
