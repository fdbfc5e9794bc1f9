package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;

/**
 * Sums the gradient of a convolution's weights over images and positions: the product of the
 * output's gradient with every shift of the input. With the input's channels next to each other,
 * the taps of a row of the window are one run of columns, a position's channels and those of the
 * positions after it: long enough for the widest tiles, and read from the first-level cache.
 *
 * <p>Few channels make no such run. Then taps are rows, and columns the channels of the output, or
 * positions if those are few, too.
 */
final class SimdWeightGradient {
  /** Below this plane size, sums across lanes cost too much. */
  private static final int SMALL_PLANE = 1024;

  /** The positions whose products stay in the first-level cache, with positions as lanes. */
  private static final int CHUNK = 64 * LANES;

  /** The same with channels of the output as lanes. */
  private static final int ROWS = 256;

  /** Numbers of the input that stay there beside what they are multiplied with. */
  private static final int NEAR = 6144;

  /** Terms whose sums are joined and turned at once. */
  private static final int TERMS = 64;

  /** Shorter runs leave too much of their last vector empty. */
  private static final int SHORT = 3 * LANES / 2;

  private static final int IMAGE = 11;
  private static final int TURNED = 13;

  private final PaddedImages images;
  private final int cout;
  private final int k;
  private final boolean channelLanes;
  private final int lanes;
  private final int runs; // 0 if they would be short
  private final int columns; // of a run
  private final int width; // of a run's sums
  private final float[] sum; // an output channel's runs after the other's, or a tap's channels

  /** Whether the sum holds something already. */
  private boolean started;

  private SimdWeightGradient(PaddedImages images, int cout, int run, float[] sum) {
    this.images = images;
    this.cout = cout;
    this.k = images.channels * images.taps;
    this.channelLanes = cout >= 2 * LANES || images.positions < SMALL_PLANE;
    this.lanes = SimdProduct.padded(cout);
    this.columns = images.channels * run;
    this.runs = columns < SHORT ? 0 : images.taps / run;
    this.width = SimdProduct.padded(columns);
    this.sum = sum;
    if (runs == 0 && !channelLanes) { // the first image's sum is not written there, but added
      Arrays.fill(sum, 0, cout * k, 0);
    }
  }

  /** One for each part of the images; until the next ones of this thread. */
  static SimdWeightGradient[] parts(int parts, PaddedImages images, int cout) {
    int run = 1; // taps that are next to each other
    while (run < images.taps && images.shifts[run] == run) {
      run++;
    }
    int ofRuns = cout * images.taps / run * SimdProduct.padded(images.channels * run);
    int ofTaps = images.channels * images.taps * SimdProduct.padded(cout);
    float[][] sums = Scratch.mine().parts(parts, Math.max(ofRuns, ofTaps) + LANES);
    SimdWeightGradient[] each = new SimdWeightGradient[parts];
    for (int part = 0; part < parts; part++) {
      each[part] = new SimdWeightGradient(images, cout, run, sums[part]);
    }
    return each;
  }

  /**
   * Adds an image.
   *
   * @param in the padded input
   * @param planes the gradient of some output channels, 0 in place of the garbage
   * @param start where the first plane starts
   * @param step the distance of planes
   * @param channel the first output channel
   * @param count how many
   */
  void add(
      float[] in,
      float[] planes,
      int start,
      int step,
      int channel,
      int count,
      Scratch scratch,
      int slot) {
    if (runs > 0) {
      addRuns(in, planes, start, step, channel, count, scratch, slot);
      return;
    }
    int positions = images.positions;
    if (channelLanes) {
      int across = SimdProduct.padded(count);
      float[] to = imageSum(k * lanes, scratch);
      for (int from = 0; from < positions; from += ROWS) {
        int length = Math.min(ROWS, positions - from);
        int[] each = RowStarts.apart(count, start + from, step);
        float[] t = scratch.floats(slot, ROWS * across);
        SimdRows.transpose(planes, each, length, t, 0, across);
        int[] shifts = images.shifts.clone();
        for (int i = 0; i < k; i++) {
          shifts[i] += from;
        }
        int[] rows = RowStarts.apart(length, 0, across);
        SimdProduct.multiply(in, shifts, 1, t, rows, length, to, channel, lanes, count, from > 0);
      }
      for (int at = channel; started && at < k * lanes; at += lanes) {
        SimdRows.add(sum, at, to, at, across);
      }
      started = true;
      return;
    }
    for (int from = 0; from < positions; from += CHUNK) {
      int length = Math.min(CHUNK, positions - from);
      int[] rows = RowStarts.apart(count, start + from, step);
      SimdProduct.dot(planes, rows, in, images.shifts, from, length, sum, channel * k, k);
    }
  }

  /** A sum of the images' sums loses fewer digits than one long sum. */
  private float[] imageSum(int size, Scratch scratch) {
    return started ? scratch.floats(IMAGE, size + LANES) : sum;
  }

  private void addRuns(
      float[] in,
      float[] planes,
      int start,
      int step,
      int channel,
      int count,
      Scratch scratch,
      int slot) {
    int channels = images.channels;
    int size = images.plane * channels;
    int slack = images.slack * channels;
    float[] t = scratch.floats(TURNED, size + slack);
    SimdRows.transpose(
        in, RowStarts.apart(channels, 0, images.plane), images.plane, t, 0, channels);
    Arrays.fill(t, size, size + slack, 0);
    int row = runs * width;
    float[] to = imageSum(cout * row, scratch);
    int most = Math.max(1, NEAR / channels);
    float[] a = scratch.floats(slot, SimdProduct.interleavedSize(count, most));
    for (int from = 0; from < images.positions; from += most) {
      int length = Math.min(most, images.positions - from);
      SimdProduct.interleave(planes, RowStarts.apart(count, start + from, step), 1, length, a, 0);
      int[] rows = RowStarts.interleaved(count, 0, length);
      for (int run = 0; run < runs; run++) {
        int first = (images.shifts[run * images.taps / runs] + from) * channels;
        SimdProduct.multiplyInterleaved(
            a,
            rows,
            t,
            RowStarts.apart(length, first, channels),
            length,
            to,
            channel * row + run * width,
            row,
            columns,
            from > 0);
      }
    }
    if (started) {
      SimdRows.add(sum, channel * row, to, channel * row, count * row);
    }
    started = true;
  }

  /** The sum of all parts, in their order, of this shape. */
  static Array total(SimdWeightGradient[] parts, Shape shape) {
    SimdWeightGradient first = parts[0];
    boolean summed = first.runs == 0 && !first.channelLanes; // in the order of the weights
    float[] total = summed ? first.sum : Scratch.mine().floats(IMAGE, shape.size());
    int terms = first.runs > 0 ? first.cout : first.k;
    int size = first.runs > 0 ? first.runs * first.width : summed ? first.cout : first.lanes;
    int many = Math.max(1, TERMS * first.lanes / size);
    Threads.parallelFor(
        (terms + many - 1) / many,
        task -> {
          int from = task * many;
          int to = Math.min(terms, from + many);
          for (int part = 1; part < parts.length; part++) {
            add(first.sum, parts[part].sum, from * size, to * size);
          }
          if (first.runs > 0) {
            first.turnRuns(from, to, total);
          } else if (first.channelLanes) {
            first.turn(from, to, total);
          }
        });
    Array y = Array.uninitialized(DType.FLOAT32, shape);
    y.write(0, total, 0, shape.size());
    return y;
  }

  private static void add(float[] a, float[] b, int from, int to) {
    for (int i = from; i < to; i++) {
      a[i] += b[i];
    }
  }

  private void turn(int from, int to, float[] total) {
    for (int o = 0; o < cout; o++) {
      for (int i = from; i < to; i++) {
        total[o * k + i] = sum[i * lanes + o];
      }
    }
  }

  private void turnRuns(int from, int to, float[] total) {
    int taps = images.taps;
    int run = taps / runs;
    for (int o = from; o < to; o++) {
      for (int tap = 0; tap < taps; tap++) {
        int at = (o * runs + tap / run) * width + tap % run * images.channels;
        for (int c = 0; c < images.channels; c++) {
          total[o * k + c * taps + tap] = sum[at + c];
        }
      }
    }
  }
}
