package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * The coefficients of a change of rate by L / M, laid out for {@link ResampleKernel}.
 *
 * <p>Output n lies at input time n M / L. Outputs of the same phase p = n mod L use the same
 * coefficients on inputs that lie M apart, so that one phase of a stretch of outputs n = i L + p is
 * {@code y_p[i] = sum over r of h_p[r] * x[i M + r - reach + 1]}: a banded matrix product, in which
 * i runs along a vector and neighbouring phases share nearly all rows r. {@value #GROUP} phases are
 * computed together. The input is split by its index modulo M, which makes i contiguous in memory:
 * row r is found in stream {@code r mod M} at {@code i + r / M}. A single phase, as in a stage that
 * halves the rate, is computed alone: its sums are in order as they are.
 *
 * <p>Immutable.
 */
final class PolyphaseFilter {

  /** Phases computed together. */
  static final int GROUP = 4;

  /** Smaller numbers of phases are repeated until groups are full; larger ones can afford a gap. */
  private static final int FEW_PHASES = 64;

  /**
   * Ratios with more phases compute coefficients when they need them: a table would fill memory.
   */
  private static final int MAX_STORED_PHASES = 2048;

  /** A half-band filter's zeros come out as rounding errors of a sine. */
  private static final double ZERO = 1e-12;

  private final int together;
  private final int phases;
  private final int step;
  private final int reach;
  private final KaiserLowpass prototype;
  private final int tile;
  private final int stride;
  private final Group[] stored;

  /**
   * Neighbouring phases, G of them.
   *
   * @param rows where each row starts in the split input, K of them
   * @param taps coefficients [K, G]
   */
  record Group(int[] rows, float[] taps) {}

  /**
   * @param up L, the numerator of the ratio
   * @param down M, its denominator, without a common divisor
   */
  PolyphaseFilter(int up, int down, KaiserLowpass prototype) {
    together = up == 1 ? 1 : GROUP;
    int repeat = up <= FEW_PHASES ? Math.max(1, together / Integer.lowestOneBit(up)) : 1;
    this.phases = up * repeat;
    this.step = down * repeat;
    this.reach = prototype.halfLength();
    this.prototype = prototype;
    this.tile = Kernels.RESAMPLING.tile(step);
    this.stride = tile + spread();
    this.stored = new Group[phases <= MAX_STORED_PHASES ? groups() : 0];
    for (int g = 0; g < stored.length; g++) {
      stored[g] = compute(g);
    }
  }

  /** Phases in a group: {@value #GROUP}, or 1. */
  int together() {
    return together;
  }

  /** L: outputs that go with {@link #step} inputs. */
  int phases() {
    return phases;
  }

  /** M: inputs that go with {@link #phases} outputs. */
  int step() {
    return step;
  }

  /** Output n needs inputs from {@code floor(n M / L) - reach + 1} to that plus reach. */
  int reach() {
    return reach;
  }

  /** Inputs behind its own last one that an output waits for, because its group reads them. */
  int slack() {
    return (int) (((together - 1L) * step + phases - 1) / phases);
  }

  KaiserLowpass prototype() {
    return prototype;
  }

  /** Values of i computed at once. */
  int tile() {
    return tile;
  }

  /** Length of one of the M streams of the split input. */
  int stride() {
    return stride;
  }

  /** How many more elements of a stream than values of i are read. */
  int spread() {
    return (step + 2 * reach + slack()) / step + 1;
  }

  int groups() {
    return (phases + together - 1) / together;
  }

  /** Row of the first coefficient of phase {@code p}. */
  int firstRow(int p) {
    return (int) ((long) p * step / phases);
  }

  /** Number of rows that end behind the last one of group {@code g}. */
  int endRow(int g) {
    return firstRow(Math.min(phases, (g + 1) * together) - 1) + 2 * reach;
  }

  /** Position of the first output that an input at {@code firstInput} reaches. */
  long firstOutput(long firstInput) {
    return -Math.floorDiv((reach - firstInput) * phases, (long) step);
  }

  /** Position behind the last output that an input before {@code endInput} reaches. */
  long endOutput(long endInput) {
    return Math.floorDiv((endInput - 1 + reach) * phases, (long) step) + 1;
  }

  /** Position behind the last input that outputs before {@code endOutput} wait for. */
  long endInput(long endOutput) {
    return Math.floorDiv((endOutput - 1) * step, (long) phases) + reach + slack() + 1;
  }

  Group group(int g) {
    return stored.length > 0 ? stored[g] : compute(g);
  }

  private Group compute(int g) {
    int first = firstRow(g * together);
    int count = endRow(g) - first;
    float[] taps = new float[count * together];
    int end = Math.min(phases, (g + 1) * together);
    for (int p = g * together; p < end; p++) {
      fillPhase(p, taps, (firstRow(p) - first) * together + p % together);
    }
    return withoutZeroRows(first, count, taps);
  }

  /** Scales each phase to a sum of 1, so that a constant stays what it is. */
  private void fillPhase(int p, float[] taps, int from) {
    double fraction = (double) ((long) p * step % phases) / phases;
    double[] h = new double[2 * reach];
    double sum = 0;
    for (int k = 0; k < h.length; k++) {
      h[k] = prototype.at(fraction - (k - reach + 1));
      sum += h[k];
    }
    for (int k = 0; k < h.length; k++) {
      taps[from + k * together] = Math.abs(h[k]) < ZERO ? 0 : (float) (h[k] / sum);
    }
  }

  private Group withoutZeroRows(int first, int count, float[] taps) {
    int[] rows = new int[count];
    int kept = 0;
    for (int k = 0; k < count; k++) {
      boolean used = false;
      for (int q = 0; q < together; q++) {
        float tap = taps[k * together + q];
        taps[kept * together + q] = tap;
        used |= tap != 0;
      }
      if (used) {
        int row = first + k;
        rows[kept++] = row % step * stride + row / step;
      }
    }
    return new Group(Arrays.copyOf(rows, kept), Arrays.copyOf(taps, kept * together));
  }
}
