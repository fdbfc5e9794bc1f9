package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.kernel.SimdFoldedBlock.Part;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * A convolution by filters of three rows that takes six products of rows for four rows of outputs,
 * and not twelve: Winograd's minimal filtering F(4, 3) (Lavin and Gray 2016, arXiv:1509.09308) in
 * one direction. From rows d0 to d5 of the input and g0 to g2 of a filter, a product for each of
 * the points 0, a = 5/8, -a, b = 3/2, -b and infinity:
 *
 * <pre>
 * m0 = (a²b² d0 - (a² + b²) d2 + d4) g0 / a²b²
 * m1, m2 = (d4 - b² d2 ± a (d3 - b² d1)) (g0 ± a g1 + a² g2) / 2a²(a² - b²)
 * m3, m4 = (d4 - a² d2 ± b (d3 - a² d1)) (g0 ± b g1 + b² g2) / 2b²(b² - a²)
 * m5 = (a²b² d1 - (a² + b²) d3 + d5) g2
 * y0 = m0 + m1 + m2 + m3 + m4            y1 = a (m1 - m2) + b (m3 - m4)
 * y2 = a² (m1 + m2) + b² (m3 + m4)       y3 = a³ (m1 - m2) + b³ (m3 - m4) + m5
 * </pre>
 *
 * <p>where a product is the convolution of one row by another, summed over the channels. Columns
 * stay as they are: in both directions sums would be too short for what surrounds them. Points
 * decide on rounding: those here, whose powers floats hold, leave the squared error of a block at
 * 0.8 of that of sums of three times the length, the paper's 1 and 2 at 1.7. Inputs far above their
 * neighbours round those by their own measure. Where windows have two rows it is F(2, 3), four
 * products for two rows, not six, with no more rounding than those:
 *
 * <pre>
 * m0 = (d0 - d2) g0        m1 = (d1 + d2) (g0 + g1 + g2) / 2
 * m3 = (d1 - d3) g2        m2 = (d2 - d1) (g0 - g1 + g2) / 2
 * y0 = m0 + m1 + m2        y1 = m1 - m2 - m3
 * </pre>
 *
 * <p>The outputs meet in the pooling windows of a {@link SimdFoldedBlock} before they are written.
 */
final class SimdWinograd implements SimdFoldedBlock.Quick {
  private static final int INPUTS = 3;
  private static final int OUTPUTS = 4;
  private static final int LARGEST = 5;

  private static final float A = 0.625f;
  private static final float A2 = A * A;
  private static final float A3 = A * A2;
  private static final float B = 1.5f;
  private static final float B2 = B * B;
  private static final float B3 = B * B2;
  private static final float SUM = A2 + B2;
  private static final float PRODUCT = A2 * B2;

  /** What the filters of F(2, 3) are made with, by product. */
  private static final double[][] FOUR = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};

  private static final double[][] SIX = {
    {1.0 / PRODUCT, 0, 0}, at(A, B2), at(-A, B2), at(B, A2), at(-B, A2), {0, 0, 1}
  };

  private final float[] shift;
  private final float tame; // what inputs must not exceed
  private final PaddedImages bands; // each of one row of pooling windows
  private final Window pool;
  private final int products;
  private final int k; // what a product sums up
  private final int tile; // rows of outputs that are made together
  private final int tiles;
  private final int columns; // of outputs that are pooled
  private final int length; // of a channel's rows in a product
  private final int inputs; // the distance of what two products take
  private final int[][] rows; // of inputs, by product
  private final float[] filters; // interleaved, one product's after the other's
  private final int size; // of one product's filters

  SimdWinograd(PaddedImages bands, Window pool, float[] filters, float[] shift, float tame) {
    int cout = shift.length;
    this.shift = shift;
    this.tame = tame;
    this.bands = bands;
    this.pool = pool;
    double[][] make = pool.kH() % 4 == 0 ? SIX : FOUR;
    this.products = make.length;
    int kW = bands.taps / 3;
    this.k = bands.channels * kW;
    this.tile = products - 2;
    this.tiles = pool.kH() / tile;
    this.columns = bands.outW / pool.kW() * pool.kW();
    this.length = (tiles - 1) * bands.rowStep + columns;
    int channel = tiles * bands.rowStep;
    this.inputs = bands.channels * channel + bands.slack;
    this.rows = new int[products][k];
    for (int i = 0; i < k; i++) {
      int column = bands.shifts[i / kW * bands.taps + i % kW] % bands.plane;
      for (int product = 0; product < products; product++) {
        rows[product][i] = product * inputs + i / kW * channel + column;
      }
    }
    this.size = SimdProduct.interleavedSize(cout, k);
    this.filters = new float[products * size];
    float[] made = new float[cout * k];
    for (int product = 0; product < products; product++) {
      double[] by = make[product];
      for (int i = 0; i < cout * k; i++) {
        int tap = i / kW * bands.taps + i % kW;
        made[i] =
            (float)
                (by[0] * filters[tap] + by[1] * filters[tap + kW] + by[2] * filters[tap + 2 * kW]);
      }
      SimdProduct.interleave(made, RowStarts.apart(cout, 0, k), 1, k, this.filters, product * size);
    }
  }

  /** A filter's value at a point, divided by what makes the values at all points a product. */
  private static double[] at(double point, double otherSquared) {
    double square = point * point;
    double by = 1 / (2 * square * (square - otherSquared));
    return new double[] {by, by * point, by * square};
  }

  /** Whether this is the quicker way; not with few channels, where adding rows takes longest. */
  static boolean serves(int channels, Window conv, Window pool) {
    return channels >= 8
        && conv.kH() == 3
        && conv.dilationH() == 1
        && pool.kH() % 2 == 0
        && (pool.kW() == 1 || pool.kW() == 2 || pool.kW() == 4);
  }

  @Override
  public boolean pool(Array x, Part part, float[] to, int toStep, Scratch scratch) {
    int pooledW = bands.outW / pool.kW();
    float[] d = scratch.floats(INPUTS, products * inputs);
    int width = SimdProduct.padded(length);
    int step = part.count() * width;
    float[] m = scratch.floats(OUTPUTS, products * step + LANES);
    float[] largest = scratch.floats(LARGEST, columns + SimdPooling.slack(pool));
    for (int row = 0; row < part.rows(); row++) {
      if (!addRows(x, part.image(), (part.from() + row) * pool.kH(), d, scratch)) {
        return false;
      }
      for (int product = 0; product < products; product++) {
        int first = product * size + part.first() * k;
        int[] each = RowStarts.interleaved(part.count(), first, k);
        SimdProduct.multiplyInterleaved(
            filters, each, d, rows[product], k, m, product * step, width, length, false);
      }
      for (int i = 0; i < part.count(); i++) {
        if (tile == 4) {
          largestOfFour(m, i * width, step, shift[part.first() + i], largest);
        } else {
          largestOfTwo(m, i * width, step, shift[part.first() + i], largest);
        }
        for (int left = pool.kW() / 2; left > 0; left /= 2) {
          SimdRows.pairwiseLargest(largest, pooledW * left);
        }
        System.arraycopy(largest, 0, to, i * toStep + row * pooledW, pooledW);
      }
    }
    return true;
  }

  /** What the products take of a band; false if it exceeds what is tame. */
  private boolean addRows(Array x, int image, int outRow, float[] d, Scratch scratch) {
    int count = pool.kH() + 2;
    float[] lines = bands.lines(count, scratch);
    for (int c = 0; c < bands.channels; c++) {
      bands.readLines(x, image + c * bands.h * bands.w, outRow, count, lines, 0);
      if (!(SimdRows.largestMagnitude(lines, count * bands.w) <= tame)) {
        return false;
      }
      for (int i = 0; i < tiles; i++) {
        int at = (c * tiles + i) * bands.rowStep;
        if (tile == 4) {
          addSixRows(lines, i * tile * bands.w, bands.w, d, at + bands.padW);
        } else {
          addFourRows(lines, i * tile * bands.w, bands.w, d, at + bands.padW);
        }
        clearBeside(d, at);
      }
    }
    return true;
  }

  /** The padding of a row, where the one before may have left something. */
  private void clearBeside(float[] d, int row) {
    for (int at = row; at < row + products * inputs; at += inputs) {
      Arrays.fill(d, at, at + bands.padW, 0);
      Arrays.fill(d, at + bands.padW + bands.w, at + bands.rowStep, 0);
    }
  }

  /** What the four products take of four rows, which are n long. */
  private void addFourRows(float[] in, int from, int n, float[] d, int at) {
    if (SimdProduct.plainFirst(4L * n)) {
      for (int i = 0; i < n; i++) {
        float d1 = in[from + n + i];
        float d2 = in[from + 2 * n + i];
        d[at + i] = in[from + i] - d2;
        d[at + inputs + i] = d1 + d2;
        d[at + 2 * inputs + i] = d2 - d1;
        d[at + 3 * inputs + i] = d1 - in[from + 3 * n + i];
      }
      return;
    }
    for (int i = 0; i < n; i += LANES) { // what is too much, padding and the next row cover
      FloatVector d1 = FloatVector.fromArray(S, in, from + n + i);
      FloatVector d2 = FloatVector.fromArray(S, in, from + 2 * n + i);
      FloatVector.fromArray(S, in, from + i).sub(d2).intoArray(d, at + i);
      d1.add(d2).intoArray(d, at + inputs + i);
      d2.sub(d1).intoArray(d, at + 2 * inputs + i);
      d1.sub(FloatVector.fromArray(S, in, from + 3 * n + i)).intoArray(d, at + 3 * inputs + i);
    }
  }

  /** What the six products take of six rows. */
  private void addSixRows(float[] in, int from, int n, float[] d, int at) {
    if (SimdProduct.plainFirst(12L * n)) {
      for (int i = 0; i < n; i++) {
        float d1 = in[from + n + i];
        float d2 = in[from + 2 * n + i];
        float d3 = in[from + 3 * n + i];
        float d4 = in[from + 4 * n + i];
        float evenA = Math.fma(-B2, d2, d4);
        float oddA = Math.fma(-B2, d1, d3);
        float evenB = Math.fma(-A2, d2, d4);
        float oddB = Math.fma(-A2, d1, d3);
        d[at + i] = Math.fma(PRODUCT, in[from + i], Math.fma(-SUM, d2, d4));
        d[at + inputs + i] = Math.fma(A, oddA, evenA);
        d[at + 2 * inputs + i] = Math.fma(-A, oddA, evenA);
        d[at + 3 * inputs + i] = Math.fma(B, oddB, evenB);
        d[at + 4 * inputs + i] = Math.fma(-B, oddB, evenB);
        d[at + 5 * inputs + i] = Math.fma(PRODUCT, d1, Math.fma(-SUM, d3, in[from + 5 * n + i]));
      }
      return;
    }
    FloatVector minusA2 = FloatVector.broadcast(S, -A2);
    FloatVector minusB2 = FloatVector.broadcast(S, -B2);
    FloatVector minusSum = FloatVector.broadcast(S, -SUM);
    FloatVector product = FloatVector.broadcast(S, PRODUCT);
    for (int i = 0; i < n; i += LANES) { // what is too much, padding and the next row cover
      FloatVector d1 = FloatVector.fromArray(S, in, from + n + i);
      FloatVector d2 = FloatVector.fromArray(S, in, from + 2 * n + i);
      FloatVector d3 = FloatVector.fromArray(S, in, from + 3 * n + i);
      FloatVector d4 = FloatVector.fromArray(S, in, from + 4 * n + i);
      FloatVector d0 = FloatVector.fromArray(S, in, from + i);
      product.fma(d0, minusSum.fma(d2, d4)).intoArray(d, at + i);
      FloatVector even = minusB2.fma(d2, d4);
      FloatVector odd = minusB2.fma(d1, d3);
      odd.fma(FloatVector.broadcast(S, A), even).intoArray(d, at + inputs + i);
      odd.fma(FloatVector.broadcast(S, -A), even).intoArray(d, at + 2 * inputs + i);
      even = minusA2.fma(d2, d4);
      odd = minusA2.fma(d1, d3);
      odd.fma(FloatVector.broadcast(S, B), even).intoArray(d, at + 3 * inputs + i);
      odd.fma(FloatVector.broadcast(S, -B), even).intoArray(d, at + 4 * inputs + i);
      FloatVector d5 = FloatVector.fromArray(S, in, from + 5 * n + i);
      product.fma(d1, minusSum.fma(d3, d5)).intoArray(d, at + 5 * inputs + i);
    }
  }

  /** The largest output of each column after the shift, and 0: in that order, as whole numbers. */
  private void largestOfTwo(float[] m, int from, int step, float shift, float[] to) {
    int end = from + length;
    if (SimdProduct.plainFirst(4L * columns)) {
      for (int i = 0; i < columns; i++) {
        float best = 0;
        for (int at = from + i; at < end; at += bands.rowStep) {
          float m1 = m[at + step];
          float m2 = m[at + 2 * step];
          best = Math.max(best, m[at] + m1 + m2 + shift);
          best = Math.max(best, m1 - m2 - m[at + 3 * step] + shift);
        }
        to[i] = best;
      }
      return;
    }
    for (int i = 0; i < columns; i += LANES) {
      IntVector best = FloatVector.zero(S).reinterpretAsInts();
      for (int at = from + i; at < end; at += bands.rowStep) {
        FloatVector m1 = FloatVector.fromArray(S, m, at + step);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * step);
        FloatVector y0 = FloatVector.fromArray(S, m, at).add(m1).add(m2).add(shift);
        FloatVector y1 = m1.sub(m2).sub(FloatVector.fromArray(S, m, at + 3 * step)).add(shift);
        best = best.max(y0.reinterpretAsInts()).max(y1.reinterpretAsInts());
      }
      best.reinterpretAsFloats().intoArray(to, i);
    }
  }

  /** The same of four rows each. */
  private void largestOfFour(float[] m, int from, int step, float shift, float[] to) {
    int end = from + length;
    if (SimdProduct.plainFirst(12L * columns)) {
      for (int i = 0; i < columns; i++) {
        float best = 0;
        for (int at = from + i; at < end; at += bands.rowStep) {
          float evenA = m[at + step] + m[at + 2 * step];
          float oddA = m[at + step] - m[at + 2 * step];
          float evenB = m[at + 3 * step] + m[at + 4 * step];
          float oddB = m[at + 3 * step] - m[at + 4 * step];
          best = Math.max(best, m[at] + evenA + evenB + shift);
          best = Math.max(best, Math.fma(A, oddA, Math.fma(B, oddB, shift)));
          best = Math.max(best, Math.fma(A2, evenA, Math.fma(B2, evenB, shift)));
          best = Math.max(best, Math.fma(A3, oddA, Math.fma(B3, oddB, m[at + 5 * step] + shift)));
        }
        to[i] = best;
      }
      return;
    }
    FloatVector add = FloatVector.broadcast(S, shift);
    for (int i = 0; i < columns; i += LANES) {
      IntVector best = FloatVector.zero(S).reinterpretAsInts();
      for (int at = from + i; at < end; at += bands.rowStep) {
        FloatVector m1 = FloatVector.fromArray(S, m, at + step);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * step);
        FloatVector m3 = FloatVector.fromArray(S, m, at + 3 * step);
        FloatVector m4 = FloatVector.fromArray(S, m, at + 4 * step);
        FloatVector even = m1.add(m2);
        FloatVector odd = m1.sub(m2);
        FloatVector evenB = m3.add(m4);
        FloatVector oddB = m3.sub(m4);
        FloatVector y0 = FloatVector.fromArray(S, m, at).add(even).add(evenB).add(add);
        FloatVector y1 =
            odd.fma(FloatVector.broadcast(S, A), oddB.fma(FloatVector.broadcast(S, B), add));
        FloatVector y2 =
            even.fma(FloatVector.broadcast(S, A2), evenB.fma(FloatVector.broadcast(S, B2), add));
        FloatVector m5 = FloatVector.fromArray(S, m, at + 5 * step).add(add);
        FloatVector y3 =
            odd.fma(FloatVector.broadcast(S, A3), oddB.fma(FloatVector.broadcast(S, B3), m5));
        IntVector upper = y0.reinterpretAsInts().max(y1.reinterpretAsInts());
        best = best.max(upper).max(y2.reinterpretAsInts().max(y3.reinterpretAsInts()));
      }
      best.reinterpretAsFloats().intoArray(to, i);
    }
  }
}
