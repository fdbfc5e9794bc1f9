package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@code dropout(relu(x w1^T + b1)) w2^T + b2}, a tile of rows at a time: the hidden layer stays in
 * the cache. The gradient computes it again.
 */
final class SimdFeedForward {
  private static final int ROWS = 64;

  /** Of a tile in forward, where rows are columns: three vectors' of the widest kind. */
  private static final int COLUMNS = 48;

  /** Few rows are cut into smaller tiles, until there are as many tasks or so few rows are left. */
  private static final int TASKS = 8;

  /** What the product takes at once: narrower tiles cost as much and leave registers empty. */
  private static final int FEWEST_COLUMNS = 3 * LANES;

  private static final int MAX_PARTS = 16;

  private static final int X = 0;
  private static final int HIDDEN = 1;
  private static final int OUT = 2;
  private static final int G = 3;
  private static final int G_HIDDEN = 4;
  private static final int TURNED = 5;
  private static final int VALUES = 6;
  private static final int W1 = 7;
  private static final int W1_TURNED = 8;
  private static final int W2 = 9;
  private static final int B1 = 10;

  private final Fused.FeedForward f;
  private final int hidden;
  private final int e;
  private final int hWidth;
  private final int eWidth;
  private final int[] wideRows; // of [E, hWidth]

  SimdFeedForward(Fused.FeedForward f) {
    this.f = f;
    this.hidden = f.w1().shape().dim(0);
    this.e = f.w1().shape().dim(1);
    this.hWidth = SimdProduct.padded(hidden);
    this.eWidth = SimdProduct.padded(e);
    this.wideRows = RowStarts.apart(e, 0, hWidth);
  }

  /** A matrix [k, n] whose rows are padded to whole vectors with 0, or its transpose. */
  private static float[] matrix(Array b, boolean transposed, int k, int n, int slot) {
    int width = SimdProduct.padded(n);
    float[] m = Scratch.mine().zeros(slot, k * width + LANES);
    if (transposed) {
      float[] values = Scratch.mine().floats(VALUES, b);
      SimdRows.transpose(values, RowStarts.apart(n, 0, k), k, m, 0, width);
    } else {
      for (int p = 0; p < k; p++) {
        b.read(p * n, m, p * width, n);
      }
    }
    return m;
  }

  /**
   * The value as a function of x. Here the lanes run along rows: both products stream weights, and
   * a bias is the weight of a row of ones, the first one, so that a sum starts from it.
   *
   * @param once whether it is called at once and never again
   */
  UnaryOperator<Array> forward(boolean once) {
    float[] w1 = interleaved(f.b1(), f.w1(), once, W1);
    float[] w2 = interleaved(f.b2(), f.w2(), once, W2);
    int[] w1Rows = RowStarts.interleaved(hidden, 0, 1 + e);
    int[] w2Rows = RowStarts.interleaved(e, 0, 1 + hidden);
    return x -> {
      int rows = x.shape().dim(0);
      int tile = Math.max(FEWEST_COLUMNS, Math.min(COLUMNS, rows / TASKS / LANES * LANES));
      int[] onesAndX = onesFirst(e, tile);
      int[] onesAndHidden = onesFirst(hidden, tile);
      int[] columnsOfE = RowStarts.apart(e, 0, tile);
      Array y = Array.uninitialized(DType.FLOAT32, x.shape());
      Threads.parallelFor(
          (rows + tile - 1) / tile,
          task -> {
            Scratch scratch = Scratch.mine();
            int from = task * tile;
            int count = Math.min(tile, rows - from);
            float[] in = scratch.floats(TURNED, (e + 1) * tile + LANES);
            int[] eRows = RowStarts.apart(count, 0, e);
            SimdRows.transpose(read(x, from, count, scratch, X), eRows, e, in, 0, tile);
            Arrays.fill(in, e * tile, (e + 1) * tile, 1);
            float[] h = scratch.floats(HIDDEN, (hidden + 1) * tile + LANES);
            SimdProduct.multiplyInterleaved(
                w1, w1Rows, in, onesAndX, 1 + e, h, 0, tile, count, false);
            activate(h, from, tile, true);
            Arrays.fill(h, hidden * tile, (hidden + 1) * tile, 1);
            float[] out = scratch.floats(OUT, e * tile + LANES);
            SimdProduct.multiplyInterleaved(
                w2, w2Rows, h, onesAndHidden, 1 + hidden, out, 0, tile, count, false);
            float[] back = scratch.floats(TURNED, tile * eWidth);
            SimdRows.transpose(out, columnsOfE, count, back, 0, eWidth);
            SimdMatrix.write(back, eWidth, count, e, y, from * e, e);
          });
      return y;
    };
  }

  /** Where rows start of a matrix whose last row is to be the first. */
  private static int[] onesFirst(int count, int width) {
    int[] rows = RowStarts.apart(1 + count, -width, width).clone();
    rows[0] = count * width;
    return rows;
  }

  /** Rows of a bias and its weights. */
  private static float[] interleaved(Array bias, Array w, boolean once, int slot) {
    int m = w.shape().dim(0);
    int k = w.shape().dim(1);
    float[] both = Scratch.mine().floats(VALUES, m * (1 + k));
    for (int i = 0; i < m; i++) {
      bias.read(i, both, i * (1 + k), 1);
      w.read(i * k, both, i * (1 + k) + 1, k);
    }
    int size = SimdProduct.interleavedSize(m, 1 + k);
    float[] to = once ? Scratch.mine().floats(slot, size) : new float[size];
    return SimdProduct.interleaved(both, RowStarts.apart(m, 0, 1 + k), 1, 1 + k, to);
  }

  /**
   * ReLU and dropout of the hidden layer of rows from {@code from} on: [count, hWidth], or
   * transposed, [hidden, count].
   */
  private void activate(float[] h, int from, int count, boolean transposed) {
    int size = count * (transposed ? hidden : hWidth);
    for (int at = 0; at < size; at++) { // which the compiler makes vectors of by itself
      h[at] = Math.max(h[at], 0);
    }
    int threshold = DropoutMask.threshold(f.p());
    if (threshold == 0) {
      return;
    }
    float keep = DropoutMask.scale(f.p());
    int[] keys = Scratch.mine().ints(count);
    for (int r = 0; r < count; r++) {
      keys[r] = DropoutMask.rowKey(f.seed(), from + r);
    }
    for (int i = 0; transposed && i < hidden; i++) {
      SimdRows.dropout(h, i * count, h, count, keys, i, threshold, keep);
    }
    for (int r = 0; !transposed && r < count; r++) {
      SimdRows.dropout(h, r * hWidth, hidden, keys[r], threshold, keep);
    }
  }

  /** {@code dropout(relu(x w1^T + b1))} of some rows. */
  private float[] hidden(
      float[] in, int from, int count, float[] w1t, float[] b1, Scratch scratch) {
    float[] h = scratch.floats(HIDDEN, ROWS * hWidth);
    fill(h, count, b1, hWidth);
    int[] inRows = RowStarts.apart(count, 0, e);
    SimdProduct.multiply(in, inRows, 1, w1t, wideRows, e, h, 0, hWidth, hidden, true);
    activate(h, from, count, false);
    return h;
  }

  /** Sums over rows, by part so that the order does not depend on the number of threads. */
  Fused.FeedForwardGradients gradient(Array x, Array g) {
    int rows = x.shape().dim(0);
    Array gx = Array.uninitialized(DType.FLOAT32, x.shape());
    Scratch own = Scratch.mine();
    float[] w1 = matrix(f.w1(), false, hidden, e, W1);
    float[] w1t = matrix(f.w1(), true, e, hidden, W1_TURNED);
    float[] w2 = matrix(f.w2(), false, e, hidden, W2);
    float[] b1 = own.floats(B1, f.b1(), hWidth);
    int[] w1Rows = RowStarts.apart(hidden, 0, eWidth);
    int[] columns = RowStarts.apart(e, 0, 1);
    float keep = DropoutMask.scale(f.p());
    int parts = Math.min(MAX_PARTS, tiles(rows));
    // Of each part, the gradients of w2 and of w1^T, [E, hWidth], of b1 and of b2.
    int w1At = e * hWidth;
    int b1At = 2 * w1At;
    int b2At = b1At + hWidth;
    int size = b2At + eWidth;
    float[][] sums = own.parts(parts, size);
    Threads.parallelFor(
        parts,
        part -> {
          Scratch scratch = Scratch.mine();
          float[] mine = sums[part];
          Arrays.fill(mine, 0, size, 0);
          int last = (part + 1) * tiles(rows) / parts;
          for (int tile = part * tiles(rows) / parts; tile < last; tile++) {
            int from = tile * ROWS;
            int count = Math.min(ROWS, rows - from);
            int[] eRows = RowStarts.apart(count, 0, e);
            int[] hRows = RowStarts.apart(count, 0, hWidth);
            float[] in = read(x, from, count, scratch, X);
            float[] gs = read(g, from, count, scratch, G);
            float[] h = hidden(in, from, count, w1t, b1, scratch);
            // w2 [E, hidden] += g^T h
            SimdProduct.multiply(gs, columns, e, h, hRows, count, mine, 0, hWidth, hidden, true);
            float[] gh = scratch.floats(G_HIDDEN, ROWS * hWidth);
            SimdProduct.multiply(gs, eRows, 1, w2, wideRows, e, gh, 0, hWidth, hidden, false);
            mask(gh, h, count * hWidth, keep);
            // w1^T [E, hidden] += x^T gh
            SimdProduct.multiply(
                in, columns, e, gh, hRows, count, mine, w1At, hWidth, hidden, true);
            float[] out = scratch.floats(OUT, ROWS * eWidth);
            SimdProduct.multiply(gh, hRows, 1, w1, w1Rows, hidden, out, 0, eWidth, e, false);
            SimdMatrix.write(out, eWidth, count, e, gx, from * e, e);
            for (int r = 0; r < count; r++) {
              SimdRows.add(mine, b1At, gh, r * hWidth, hidden);
              SimdRows.add(mine, b2At, gs, r * e, e);
            }
          }
        });
    for (int part = 1; part < parts; part++) {
      SimdRows.add(sums[0], 0, sums[part], 0, size);
    }
    float[] sum = sums[0];
    return new Fused.FeedForwardGradients(
        gx,
        transposed(sum, w1At),
        Array.of(sum, b1At, Shape.of(hidden)),
        unpadded(sum),
        Array.of(sum, b2At, Shape.of(e)));
  }

  /** The gradient through dropout and ReLU: 0 where h is, else (h is positive or NaN) scaled. */
  private static void mask(float[] gh, float[] h, int n, float keep) {
    int bits = Float.floatToRawIntBits(keep);
    for (int i = 0; i < n; i += LANES) {
      IntVector value = FloatVector.fromArray(S, h, i).reinterpretAsInts();
      IntVector passes = value.or(value.neg()).lanewise(VectorOperators.ASHR, 31);
      FloatVector.fromArray(S, gh, i).mul(passes.and(bits).reinterpretAsFloats()).intoArray(gh, i);
    }
  }

  private static int tiles(int rows) {
    return (rows + ROWS - 1) / ROWS;
  }

  private float[] read(Array a, int from, int count, Scratch scratch, int slot) {
    float[] v = scratch.floats(slot, ROWS * e + LANES);
    a.read(from * e, v, 0, count * e);
    return v;
  }

  private static void fill(float[] out, int rows, float[] row, int width) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(row, 0, out, r * width, width);
    }
  }

  /** The gradient of w1 from that of its transpose. */
  private Array transposed(float[] t, int from) {
    float[] out = Scratch.mine().floats(VALUES, hidden * e);
    for (int i = 0; i < e; i++) {
      for (int j = 0; j < hidden; j++) {
        out[j * e + i] = t[from + i * hWidth + j];
      }
    }
    return Array.of(out, 0, f.w1().shape());
  }

  private Array unpadded(float[] m) {
    Array w2 = Array.uninitialized(DType.FLOAT32, f.w2().shape());
    SimdMatrix.write(m, hWidth, e, hidden, w2, 0, hidden);
    return w2;
  }
}
