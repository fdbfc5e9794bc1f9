package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Matrix} by BLAS through ND4J, its products shared out among {@link Threads}. */
final class PortableMatrix implements Matrix {
  /** Rows of a result that BLAS needs to be quick. */
  private static final int ROWS = 16;

  /**
   * Multiplications for which two tasks are four times this many: views and a call of BLAS take
   * some 50 us a task, and each lays out all of {@code b} again.
   */
  private static final double WORTH = 800_000;

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
   * batches, or some of the rows of a single one.
   */
  static void share(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
    long batches = y.size(0);
    long rows = y.size(1);
    long work = b.length() * rows;
    boolean byRow = batches == 1;
    double parts = Math.min(Math.sqrt(work / WORTH), byRow ? rows / ROWS : batches);
    int tasks = Integer.highestOneBit((int) parts); // alike for two threads, or four
    if (tasks <= 1) {
      product(a, transposeA, b, transposeB, y);
      return;
    }
    int axis = byRow ? 1 : 0;
    int axisOfA = byRow && transposeA ? 2 : axis;
    Threads.parallelFor(
        tasks,
        task -> {
          long from = y.size(axis) * task / tasks;
          long to = y.size(axis) * (task + 1) / tasks;
          product(
              range(a, axisOfA, from, to),
              transposeA,
              byRow ? b : range(b, 0, from, to),
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
      y.nd().addiRowVector(bias.nd());
    }
    return y;
  }
}
