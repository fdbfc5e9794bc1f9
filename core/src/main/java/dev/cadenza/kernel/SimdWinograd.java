package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Window;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * A convolution by filters of three rows that takes four products of rows for two rows of outputs,
 * and not six: Winograd's minimal filtering F(2, 3) (Lavin and Gray 2016, arXiv:1509.09308) in one
 * direction. From rows d0 to d3 of the input and g0 to g2 of a filter,
 *
 * <pre>
 * m0 = (d0 - d2) g0        m1 = (d1 + d2) (g0 + g1 + g2) / 2
 * m3 = (d1 - d3) g2        m2 = (d2 - d1) (g0 - g1 + g2) / 2
 * y0 = m0 + m1 + m2        y1 = m1 - m2 - m3
 * </pre>
 *
 * <p>where a product is the convolution of one row by another, summed over the channels. Columns
 * stay as they are: in both directions there would be 2.25 times fewer multiplications instead of
 * 1.5, in sums too short for what surrounds them. An output is made from the inputs that its filter
 * covers and from no others, and rounding is that of the six products: they add up more terms, the
 * four add rows beforehand.
 *
 * <p>The outputs meet in the pooling windows of a {@link SimdFoldedBlock} before they are written.
 */
final class SimdWinograd {
  private static final int INPUTS = 3;
  private static final int OUTPUTS = 4;
  private static final int LARGEST = 5;

  private static final int PRODUCTS = 4;

  private final PaddedImages bands; // each of one row of pooling windows
  private final Window pool;
  private final int k; // what a product sums up
  private final int pairs; // of rows of outputs
  private final int length; // of a channel's rows in a product
  private final int inputs; // the distance of what two products take
  private final int[][] rows; // of inputs, by product
  private final float[] filters; // interleaved, one product's after the other's
  private final int size; // of one product's filters

  SimdWinograd(PaddedImages bands, Window pool, float[] filters, int cout) {
    this.bands = bands;
    this.pool = pool;
    int kW = bands.taps / 3;
    this.k = bands.channels * kW;
    this.pairs = pool.kH() / 2;
    this.length = pairs * bands.rowStep;
    this.inputs = bands.channels * length + bands.slack;
    this.rows = new int[PRODUCTS][k];
    for (int i = 0; i < k; i++) {
      int column = bands.shifts[i / kW * bands.taps + i % kW] % bands.plane;
      for (int product = 0; product < PRODUCTS; product++) {
        rows[product][i] = product * inputs + i / kW * length + column;
      }
    }
    this.size = SimdProduct.interleavedSize(cout, k);
    this.filters = new float[PRODUCTS * size];
    float[] four = new float[PRODUCTS * cout * k];
    for (int i = 0; i < cout * k; i++) {
      int tap = i / kW * bands.taps + i % kW;
      double outer = (double) filters[tap] + filters[tap + 2 * kW];
      four[i] = filters[tap];
      four[cout * k + i] = (float) ((outer + filters[tap + kW]) / 2);
      four[2 * cout * k + i] = (float) ((outer - filters[tap + kW]) / 2);
      four[3 * cout * k + i] = filters[tap + 2 * kW];
    }
    for (int product = 0; product < PRODUCTS; product++) {
      int[] each = RowStarts.apart(cout, product * cout * k, k);
      SimdProduct.interleave(four, each, 1, k, this.filters, product * size);
    }
  }

  /** Whether this is the quicker way; not with few channels, where adding rows takes longest. */
  static boolean serves(int channels, Window conv, Window pool) {
    return channels >= 8
        && conv.kH() == 3
        && conv.dilationH() == 1
        && pool.kH() % 2 == 0
        && (pool.kW() == 1 || pool.kW() == 2 || pool.kW() == 4);
  }

  /**
   * The largest value of each window of a row, plus the channel's shift, or 0 if that is negative.
   *
   * @param in a band
   * @param to where the windows of channel {@code first + i} go, to {@code start + i step}
   */
  void convolveAndPool(
      float[] in,
      int first,
      int count,
      float[] shift,
      int pooledW,
      float[] to,
      int start,
      int step,
      Scratch scratch) {
    float[] d = scratch.floats(INPUTS, PRODUCTS * inputs);
    for (int c = 0; c < bands.channels; c++) {
      for (int pair = 0; pair < pairs; pair++) {
        int from = c * bands.plane + 2 * pair * bands.rowStep;
        addRows(in, from, bands.rowStep, d, (c * pairs + pair) * bands.rowStep);
      }
    }
    int width = SimdProduct.padded(length);
    float[] m = scratch.floats(OUTPUTS, PRODUCTS * count * width + LANES);
    for (int product = 0; product < PRODUCTS; product++) {
      int[] each = RowStarts.interleaved(count, product * size + first * k, k);
      SimdProduct.multiplyInterleaved(
          filters, each, d, rows[product], k, m, product * count * width, width, length, false);
    }
    float[] largest = scratch.floats(LARGEST, pooledW * pool.kW() + SimdPooling.slack(pool));
    for (int i = 0; i < count; i++) {
      int columns = pooledW * pool.kW();
      largest(m, i * width, count * width, columns, shift[first + i], largest);
      for (int left = pool.kW() / 2; left > 0; left /= 2) {
        SimdRows.pairwiseExtreme(largest, pooledW * left, false);
      }
      System.arraycopy(largest, 0, to, start + i * step, pooledW);
    }
  }

  /** What the four products take of four rows, which are n long. */
  private void addRows(float[] in, int from, int n, float[] d, int at) {
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
    for (int i = 0; i < n; i += LANES) { // what is too much, the next row covers
      FloatVector d1 = FloatVector.fromArray(S, in, from + n + i);
      FloatVector d2 = FloatVector.fromArray(S, in, from + 2 * n + i);
      FloatVector.fromArray(S, in, from + i).sub(d2).intoArray(d, at + i);
      d1.add(d2).intoArray(d, at + inputs + i);
      d2.sub(d1).intoArray(d, at + 2 * inputs + i);
      d1.sub(FloatVector.fromArray(S, in, from + 3 * n + i)).intoArray(d, at + 3 * inputs + i);
    }
  }

  /** The largest output of each column after the shift, and 0: in that order, as whole numbers. */
  private void largest(float[] m, int from, int step, int n, float shift, float[] to) {
    int end = from + length;
    if (SimdProduct.plainFirst(4L * n)) {
      for (int i = 0; i < n; i++) {
        float best = 0;
        for (int at = from + i; at < end + i; at += bands.rowStep) {
          float m1 = m[at + step];
          float m2 = m[at + 2 * step];
          best = Math.max(best, m[at] + m1 + m2 + shift);
          best = Math.max(best, m1 - m2 - m[at + 3 * step] + shift);
        }
        to[i] = best;
      }
      return;
    }
    for (int i = 0; i < n; i += LANES) {
      IntVector best = FloatVector.zero(S).reinterpretAsInts();
      for (int at = from + i; at < end + i; at += bands.rowStep) {
        FloatVector m1 = FloatVector.fromArray(S, m, at + step);
        FloatVector m2 = FloatVector.fromArray(S, m, at + 2 * step);
        FloatVector y0 = FloatVector.fromArray(S, m, at).add(m1).add(m2).add(shift);
        FloatVector y1 = m1.sub(m2).sub(FloatVector.fromArray(S, m, at + 3 * step)).add(shift);
        best = best.max(y0.reinterpretAsInts()).max(y1.reinterpretAsInts());
      }
      best.reinterpretAsFloats().intoArray(to, i);
    }
  }
}
