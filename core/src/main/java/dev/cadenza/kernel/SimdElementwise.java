package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import java.lang.ref.Reference;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Elementwise} in tiles on the heap, for the functions and shapes that networks are slow
 * without; others are left to the portable kernels.
 */
final class SimdElementwise implements Elementwise {
  /**
   * The elements of a task: two tiles fit into the second-level cache, and memory is read and
   * written in long pieces.
   */
  private static final int TILE = 1 << 15;

  /** Sums over many rows are cut into parts that are added up in double. */
  private static final int ROWS = 32;

  /** Columns that one task sums up. */
  private static final int COLUMNS = 128;

  /** Bytes of a vector. */
  private static final int LINE = LANES * Float.BYTES;

  private static final int X = 0;
  private static final int Y = 1;

  private final Elementwise portable;

  SimdElementwise(Elementwise portable) {
    this.portable = portable;
  }

  private interface Vectors {
    /** Computes the vectors that begin at the bytes {@code from} to {@code to}, exclusive. */
    void run(Object x, Object y, Object out, int from, int to);
  }

  /** {@link #tiled} without copies on the heap, but for the last few elements. */
  private static Array inPlace(Array a, Array b, Vectors vectors, Loop rest) {
    Object x = OffHeap.memory(a);
    Object y = OffHeap.memory(b);
    Array out = Array.uninitialized(DType.FLOAT32, a.shape());
    Object to = OffHeap.memory(out);
    if (x == null || y == null || to == null) {
      return tiled(a, b, a.shape(), rest);
    }
    int size = a.size();
    int whole = size / LANES * LANES;
    Threads.parallelFor(
        (size + TILE - 1) / TILE,
        tile -> {
          int from = tile * TILE;
          int end = Math.min(from + TILE, whole);
          vectors.run(x, y, to, from * Float.BYTES, end * Float.BYTES);
          if (from + TILE >= size && end < size) { // the last tile
            onHeap(a, b, out, end, size - end, rest);
          }
        });
    Reference.reachabilityFence(a);
    Reference.reachabilityFence(b);
    return out;
  }

  private interface Loop {
    /** Overwrites the first n elements of x; y is the other operand's tile. */
    void run(float[] x, float[] y, int n);
  }

  /** Applies a loop to matching tiles of two arrays of the same size. */
  private static Array tiled(Array a, Array b, Shape shape, Loop loop) {
    Array out = Array.uninitialized(DType.FLOAT32, shape);
    int size = shape.size();
    Threads.parallelFor(
        (size + TILE - 1) / TILE,
        tile -> {
          int from = tile * TILE;
          onHeap(a, b, out, from, Math.min(TILE, size - from), loop);
        });
    return out;
  }

  private static void onHeap(Array a, Array b, Array out, int from, int n, Loop loop) {
    Scratch scratch = Scratch.mine();
    float[] x = scratch.floats(X, TILE + LANES);
    float[] y = a == b ? x : scratch.floats(Y, TILE + LANES);
    a.read(from, x, 0, n);
    if (a != b) {
      b.read(from, y, 0, n);
    }
    loop.run(x, y, n);
    out.write(from, x, 0, n);
  }

  @Override
  public Array add(Array a, Array b) {
    if (!a.shape().equals(b.shape())) {
      return portable.add(a, b);
    }
    return tiled(
        a,
        b,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] + y[i];
          }
        });
  }

  @Override
  public Array sub(Array a, Array b) {
    if (!a.shape().equals(b.shape())) {
      return portable.sub(a, b);
    }
    return tiled(
        a,
        b,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] - y[i];
          }
        });
  }

  @Override
  public Array mul(Array a, Array b) {
    if (!a.shape().equals(b.shape())) {
      return portable.mul(a, b);
    }
    return tiled(
        a,
        b,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] * y[i];
          }
        });
  }

  @Override
  public Array div(Array a, Array b) {
    if (!a.shape().equals(b.shape())) {
      return portable.div(a, b);
    }
    return tiled(
        a,
        b,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = x[i] / y[i];
          }
        });
  }

  @Override
  public Array affine(Array a, double scale, double shift) {
    float s = (float) scale;
    float t = (float) shift;
    return tiled(
        a,
        a,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = s * x[i] + t;
          }
        });
  }

  @Override
  public Array exp(Array a) {
    return tiled(
        a,
        a,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i += LANES) {
            FloatVector v = FloatVector.fromArray(S, x, i);
            // SimdRows.exp ends below the largest float: beyond, e^x = e e^(x - 1).
            FloatVector high = SimdRows.exp(v.sub(1f)).mul((float) Math.E);
            SimdRows.exp(v).blend(high, v.compare(VectorOperators.GT, 88f)).intoArray(x, i);
          }
        });
  }

  @Override
  public Array sigmoid(Array a) {
    return tiled(
        a,
        a,
        a.shape(),
        (x, y, n) -> {
          for (int i = 0; i < n; i += LANES) {
            FloatVector e = SimdRows.exp(FloatVector.fromArray(S, x, i).neg());
            FloatVector.broadcast(S, 1f).div(e.add(1f)).intoArray(x, i);
          }
        });
  }

  @Override
  public Array relu(Array a) {
    return inPlace(
        a,
        a,
        (x, y, out, from, to) -> {
          for (int i = from; i < to; i += LINE) {
            OffHeap.store(OffHeap.load(x, i).max(0), out, i);
          }
        },
        (x, y, n) -> {
          for (int i = 0; i < n; i++) {
            x[i] = Math.max(x[i], 0);
          }
        });
  }

  @Override
  public Array reluGradient(Array a, Array g) {
    return inPlace(
        g,
        a,
        (x, y, out, from, to) -> {
          for (int i = from; i < to; i += LINE) {
            VectorMask<Float> off = OffHeap.load(y, i).compare(VectorOperators.LE, 0);
            OffHeap.store(OffHeap.load(x, i).blend(0, off), out, i);
          }
        },
        (x, y, n) -> SimdRows.reluGradient(x, y, 0, n, 1, 0));
  }

  @Override
  public Array dropout(Array x, double p, long seed) {
    int columns = x.shape().rank() == 0 ? 1 : x.shape().dim(-1);
    int rows = columns == 0 ? 0 : x.size() / columns;
    int perTask = Math.max(1, TILE / Math.max(1, columns));
    int threshold = DropoutMask.threshold(p);
    float keep = DropoutMask.scale(p);
    Array out = Array.uninitialized(DType.FLOAT32, x.shape());
    Threads.parallelFor(
        (rows + perTask - 1) / perTask,
        task -> {
          Scratch scratch = Scratch.mine();
          float[] line = scratch.floats(X, columns + LANES);
          for (int row = task * perTask; row < Math.min(rows, (task + 1) * perTask); row++) {
            x.read(row * columns, line, 0, columns);
            int key = DropoutMask.rowKey(seed, row);
            SimdRows.dropout(line, 0, columns, key, threshold, keep);
            out.write(row * columns, line, 0, columns);
          }
        });
    return out;
  }

  @Override
  public Array log(Array x) {
    return portable.log(x);
  }

  @Override
  public Array sqrt(Array x) {
    return portable.sqrt(x);
  }

  @Override
  public Array tanh(Array x) {
    return portable.tanh(x);
  }

  @Override
  public Array erf(Array x) {
    return portable.erf(x);
  }

  @Override
  public Array sum(Array x, int... axes) {
    return PortableElementwise.byRuns(x, axes, SimdElementwise::sumRun);
  }

  private static Array sumRun(Array x, int outer, int middle, int inner, Shape result) {
    Array y = Array.uninitialized(DType.FLOAT32, result);
    if (inner == 1) {
      Threads.parallelFor(
          outer,
          o -> {
            float[] total = {(float) sumOf(x, o * middle, middle, Scratch.mine())};
            y.write(o, total, 0, 1);
          });
      return y;
    }
    int parts = (inner + COLUMNS - 1) / COLUMNS;
    Threads.parallelFor(
        outer * parts,
        task -> {
          int o = task / parts;
          int first = task % parts * COLUMNS;
          int columns = Math.min(COLUMNS, inner - first);
          Scratch scratch = Scratch.mine();
          double[] total = scratch.doubles(X, columns);
          Arrays.fill(total, 0, columns, 0);
          float[] row = scratch.floats(Y, columns + LANES);
          for (int start = 0; start < middle; start += ROWS) {
            float[] part = scratch.zeros(X, columns + LANES);
            for (int m = start; m < Math.min(middle, start + ROWS); m++) {
              x.read((o * middle + m) * inner + first, row, 0, columns);
              SimdRows.add(part, 0, row, 0, columns);
            }
            for (int i = 0; i < columns; i++) {
              total[i] += part[i];
            }
          }
          for (int i = 0; i < columns; i++) {
            row[i] = (float) total[i];
          }
          y.write(o * inner + first, row, 0, columns);
        });
    return y;
  }

  private static double sumOf(Array x, int from, int n, Scratch scratch) {
    float[] tile = scratch.floats(X, TILE + LANES);
    double sum = 0;
    for (int start = 0; start < n; start += TILE) {
      int count = Math.min(TILE, n - start);
      x.read(from + start, tile, 0, count);
      Arrays.fill(tile, count, count + LANES, 0);
      sum += SimdRows.sum(tile, 0, count);
    }
    return sum;
  }
}
