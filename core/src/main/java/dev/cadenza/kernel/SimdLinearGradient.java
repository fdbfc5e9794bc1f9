package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of {@code x w^T + b} for many rows and a weight that the cache holds: a tile of the
 * gradient by y is read once, for all three. Sums over rows go by part, so that their order does
 * not depend on the number of threads.
 */
final class SimdLinearGradient {
  private static final int ROWS = 64;
  private static final int PARTS = 8;

  /** Rows of a part, at least: each part has a sum of the size of the weight. */
  private static final int FEWEST_ROWS = 128;

  /** Floats of a weight that the second-level cache holds twice beside a tile. */
  private static final int LARGEST = 1 << 15;

  private static final int X = 0;
  private static final int G = 1;
  private static final int OUT = 2;
  private static final int WEIGHT = 3;
  private static final int TURNED = 4;

  private final Array x;
  private final Array g;
  private final int rows;
  private final int in;
  private final int out;
  private final int inWidth;
  private final int outStep;

  SimdLinearGradient(Array x, Array g) {
    this.x = x;
    this.g = g;
    this.rows = x.shape().dim(0);
    this.in = x.shape().dim(1);
    this.out = g.shape().dim(1);
    this.inWidth = SimdProduct.padded(in);
    this.outStep = SimdProduct.padded(out) + LANES; // of a power of two, rows share cache lines
  }

  static boolean serves(int rows, Array weight) {
    return rows >= PARTS * FEWEST_ROWS && weight.size() > 0 && weight.size() <= LARGEST;
  }

  Matrix.LinearGradients gradients(Array weight, boolean inputToo) {
    Array gx = inputToo ? Array.uninitialized(DType.FLOAT32, x.shape()) : null;
    Scratch own = Scratch.mine();
    float[] w = own.floats(WEIGHT, out * inWidth + LANES);
    for (int i = 0; i < out; i++) {
      weight.read(i * in, w, i * inWidth, in);
    }
    int size = (in + 1) * outStep;
    float[][] sums = own.parts(PARTS, size);
    int tiles = (rows + ROWS - 1) / ROWS;
    Threads.parallelFor(
        PARTS,
        part -> {
          Arrays.fill(sums[part], 0, size, 0);
          int last = (part + 1) * tiles / PARTS;
          for (int tile = part * tiles / PARTS; tile < last; tile++) {
            int from = tile * ROWS;
            add(from, Math.min(ROWS, rows - from), w, gx, sums[part]);
          }
        });
    float[] sum = sums[0];
    for (int part = 1; part < PARTS; part++) {
      SimdRows.add(sum, 0, sums[part], 0, size);
    }
    float[] turned = own.floats(TURNED, weight.size());
    SimdRows.transpose(sum, RowStarts.apart(in, 0, outStep), out, turned, 0, in);
    return new Matrix.LinearGradients(
        gx, Array.of(turned, 0, weight.shape()), Array.of(sum, in * outStep, Shape.of(out)));
  }

  /**
   * Adds a tile of rows to the gradient of the weight, transposed, and below it that of the bias.
   */
  private void add(int from, int count, float[] w, @Nullable Array gx, float[] sum) {
    Scratch scratch = Scratch.mine();
    float[] xs = scratch.floats(X, count * in + LANES);
    x.read(from * in, xs, 0, count * in);
    float[] gs = scratch.floats(G, count * outStep + LANES);
    for (int r = 0; r < count; r++) {
      g.read((from + r) * out, gs, r * outStep, out);
      Arrays.fill(gs, r * outStep + out, (r + 1) * outStep, 0);
    }
    int[] gRows = RowStarts.apart(count, 0, outStep);
    int[] columns = RowStarts.apart(in, 0, 1);
    SimdProduct.multiply(xs, columns, in, gs, gRows, count, sum, 0, outStep, out, true);
    SimdRows.addRows(sum, in * outStep, gs, outStep, count, out);
    if (gx != null) {
      float[] to = scratch.floats(OUT, count * inWidth);
      int[] wRows = RowStarts.apart(out, 0, inWidth);
      SimdProduct.multiply(gs, gRows, 1, w, wRows, out, to, 0, inWidth, in, false);
      SimdMatrix.write(to, inWidth, count, in, gx, from * in, in);
    }
  }
}
