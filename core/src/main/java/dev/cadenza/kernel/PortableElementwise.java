package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link Elementwise} by ND4J operations; where those are slow or round too often, by loops over
 * tiles on the heap.
 */
final class PortableElementwise implements Elementwise {
  /** Numbers that a task takes at once, in the cache. */
  static final int TILE = 1 << 12;

  /** Columns that a task sums. */
  private static final int COLUMNS = 128;

  private static final int X = 0;
  private static final int Y = 1;

  @Override
  public Array add(Array a, Array b) {
    if (!a.shape().equals(b.shape())) {
      return binary(a, b, INDArray::add);
    }
    Array y = Array.uninitialized(a.type(), a.shape());
    forEachTile(
        a.size(),
        (from, n) -> {
          Tile tile = Scratch.mine().read(X, a, from, n);
          tile.add(Scratch.mine().read(Y, b, from, n), 0, n);
          tile.write(y, from, n);
        });
    return y;
  }

  @Override
  public Array sub(Array a, Array b) {
    return binary(a, b, INDArray::sub);
  }

  @Override
  public Array mul(Array a, Array b) {
    return binary(a, b, INDArray::mul);
  }

  @Override
  public Array div(Array a, Array b) {
    return binary(a, b, INDArray::div);
  }

  private static Array binary(Array a, Array b, BinaryOperator<INDArray> f) {
    Shape out = Shape.broadcast("elementwise", a.shape(), b.shape());
    if (out.size() == 0) {
      return Array.uninitialized(a.type(), out);
    }
    return Array.wrap(f.apply(aligned(a, out), aligned(b, out)), out);
  }

  /** With leading axes of size 1 up to the rank of {@code out}: how ND4J wants to broadcast. */
  private static INDArray aligned(Array a, Shape out) {
    int[] dims = new int[Math.max(1, out.rank())];
    for (int i = 1; i <= dims.length; i++) {
      dims[dims.length - i] = i <= a.shape().rank() ? a.shape().dim(-i) : 1;
    }
    return a.nd(dims);
  }

  @Override
  public Array affine(Array x, double scale, double shift) {
    if (Double.isNaN(scale) || Double.isNaN(shift)) {
      return Array.full(x.type(), x.shape(), Double.NaN); // ND4J would take 1e-5 for a scalar NaN
    }
    Array y = x.copy();
    if (y.size() > 0) {
      if (scale != 1) {
        y.nd().muli(scale);
      }
      if (shift != 0) {
        y.nd().addi(shift);
      }
    }
    return y;
  }

  @Override
  public Array exp(Array x) {
    return unary(x, nd -> Transforms.exp(nd, true));
  }

  @Override
  public Array log(Array x) {
    return unary(x, nd -> Transforms.log(nd, true));
  }

  @Override
  public Array sqrt(Array x) {
    return unary(x, nd -> Transforms.sqrt(nd, true));
  }

  @Override
  public Array tanh(Array x) {
    // ND4J's float32 loses half of the digits of a small x.
    return unary(x.cast(DType.FLOAT64), nd -> Transforms.tanh(nd, true)).cast(x.type());
  }

  @Override
  public Array sigmoid(Array x) {
    return unary(x, nd -> Transforms.sigmoid(nd, true));
  }

  @Override
  public Array erf(Array x) {
    return unary(x, nd -> Nd4j.getExecutioner().exec(new Erf(nd, nd.dup())));
  }

  @Override
  public Array relu(Array x) {
    Array y = Array.uninitialized(x.type(), x.shape());
    forEachTile(
        x.size(),
        (from, n) -> {
          Tile tile = Scratch.mine().read(X, x, from, n);
          tile.keepLargest(0, n);
          tile.write(y, from, n);
        });
    return y;
  }

  private static Array unary(Array x, UnaryOperator<INDArray> f) {
    return x.size() == 0 ? x : Array.wrap(f.apply(x.nd()), x.shape());
  }

  /** A part of an array, in which {@code n} numbers begin at {@code from}. */
  interface Range {
    void at(int from, int n);
  }

  /** Shares out {@code size} numbers. */
  static void forEachTile(int size, Range body) {
    Threads.parallelFor(
        (size + TILE - 1) / TILE, task -> body.at(task * TILE, Math.min(TILE, size - task * TILE)));
  }

  @Override
  public Array reluGradient(Array y, Array g) {
    Array gx = Array.uninitialized(g.type(), g.shape());
    forEachTile(
        g.size(),
        (from, n) -> {
          Tile value = Scratch.mine().read(X, y, from, n);
          Tile tile = Scratch.mine().read(Y, g, from, n);
          tile.keepWherePositive(value, n);
          tile.write(gx, from, n);
        });
    return gx;
  }

  @Override
  public Array dropout(Array x, double p, long seed) {
    if (x.size() == 0) {
      return x;
    }
    Array y = Array.uninitialized(x.type(), x.shape());
    int columns = x.shape().rank() == 0 ? 1 : x.shape().dim(-1);
    int rows = x.size() / columns;
    int rowsAtOnce = Math.max(1, TILE / columns);
    Dropout dropout = new Dropout(p, seed, columns);
    Threads.parallelFor(
        (rows + rowsAtOnce - 1) / rowsAtOnce,
        task -> {
          int first = task * rowsAtOnce;
          int n = Math.min(rows - first, rowsAtOnce);
          Tile tile = Scratch.mine().read(X, x, first * columns, n * columns);
          dropout.apply(tile, first, n);
          tile.write(y, first * columns, n * columns);
        });
    return y;
  }

  /** Dropout of rows of so many columns. */
  static final class Dropout {
    private final long seed;
    private final int threshold;
    private final double[] factors;
    private final int[] steps;

    Dropout(double p, long seed, int columns) {
      this.seed = seed;
      this.threshold = DropoutMask.threshold(p);
      this.factors = new double[] {DropoutMask.scale(p), 0};
      this.steps = DropoutMask.steps(columns);
    }

    /** The first {@code rows} rows of a tile, the first of which is row {@code first} of all. */
    void apply(Tile tile, int first, int rows) {
      if (threshold == 0) {
        return;
      }
      int n = rows * steps.length;
      int[] dropped = Scratch.mine().ints(n);
      for (int row = 0; row < rows; row++) {
        DropoutMask.positions(
            DropoutMask.rowKey(seed, first + row), steps, dropped, row * steps.length);
      }
      DropoutMask.dropped(dropped, n, threshold);
      tile.multiply(dropped, factors, n);
    }
  }

  @Override
  public Array sum(Array x, int... axes) {
    return byRuns(x, axes, PortableElementwise::sumRun).cast(x.type());
  }

  /** Sums of an array read as [outer, middle, inner] over {@code middle}. */
  interface RunSum {
    Array of(Array x, int outer, int middle, int inner, Shape result);
  }

  /** Sums neighbouring axes together, the last ones first. */
  static Array byRuns(Array x, int[] axes, RunSum sum) {
    Array y = x;
    int[] sorted = IntStream.of(axes).sorted().toArray();
    for (int end = sorted.length; end > 0; ) {
      int start = end - 1;
      while (start > 0 && sorted[start - 1] == sorted[start] - 1) {
        start--;
      }
      int from = sorted[start];
      int to = sorted[end - 1] + 1;
      Shape s = y.shape();
      Shape result = s;
      for (int axis = from; axis < to; axis++) {
        result = result.with(axis, 1);
      }
      y = sum.of(y, s.size(0, from), s.size(from, to), s.size(to, s.rank()), result);
      end = start;
    }
    return y;
  }

  /** In float64, so that rounding does not grow with the number of terms. */
  private static Array sumRun(Array x, int outer, int middle, int inner, Shape result) {
    Array y = Array.uninitialized(DType.FLOAT64, result);
    int columns = Math.min(inner, COLUMNS);
    int parts = columns == 0 ? 0 : (inner + columns - 1) / columns;
    Threads.parallelFor(
        outer * parts,
        task -> {
          int o = task / parts;
          int first = task % parts * columns;
          int n = Math.min(columns, inner - first);
          double[] total = new double[n];
          if (inner == 1) {
            total[0] = sumOf(x, o * middle, middle);
          } else {
            for (int m = 0; m < middle; m++) {
              Tile row = Scratch.mine().read(X, x, (o * middle + m) * inner + first, n);
              for (int i = 0; i < n; i++) {
                total[i] += row.get(i);
              }
            }
          }
          y.write(o * inner + first, total, 0, n);
        });
    return y;
  }

  private static double sumOf(Array x, int from, int n) {
    double sum = 0;
    for (int start = 0; start < n; start += TILE) {
      int count = Math.min(TILE, n - start);
      sum += sum(Scratch.mine().read(X, x, from + start, count), 0, count);
    }
    return sum;
  }

  /** From {@code from} to before {@code to}, in four sums that do not wait for each other. */
  static double sum(Tile a, int from, int to) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      s0 += a.get(i);
      s1 += a.get(i + 1);
      s2 += a.get(i + 2);
      s3 += a.get(i + 3);
    }
    for (; i < to; i++) {
      s0 += a.get(i);
    }
    return (s0 + s1) + (s2 + s3);
  }
}
