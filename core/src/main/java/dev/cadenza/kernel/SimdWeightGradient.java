package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;

/**
 * Sums the gradient of a convolution's weights over images and positions: the product of the
 * output's gradient with every shift of the input.
 */
final class SimdWeightGradient {
  /** Below this plane size, sums across lanes cost too much. */
  private static final int SMALL_PLANE = 1024;

  /** The positions whose products stay in the first-level cache, with positions as lanes. */
  private static final int CHUNK = 64 * LANES;

  /** The same with channels as lanes. */
  private static final int ROWS = 256;

  /** Terms whose sums are joined and turned at once. */
  private static final int TERMS = 64;

  /** Fewer would leave most rows of a group empty. */
  private static final int FEW_CHANNELS = 4;

  private static final int GROUP = SimdProduct.GROUP;
  private static final int IMAGE = 11;
  private static final int INTERLEAVED = 13;

  private final PaddedImages images;
  private final int cout;
  private final int k;
  private final boolean channelLanes;
  private final int lanes;
  private final float[] sum;

  /** Whether the sum holds something already. */
  private boolean started;

  private SimdWeightGradient(PaddedImages images, int cout, float[] sum) {
    this.images = images;
    this.cout = cout;
    this.k = images.channels * images.taps;
    this.channelLanes = cout >= 2 * LANES || images.positions < SMALL_PLANE;
    this.lanes = SimdProduct.padded(cout);
    this.sum = sum;
    if (!channelLanes) { // the first image's sum is not written there, but added
      Arrays.fill(sum, 0, cout * k, 0);
    }
  }

  /** One for each part of the images; until the next ones of this thread. */
  static SimdWeightGradient[] parts(int parts, PaddedImages images, int cout) {
    int size = images.channels * images.taps * SimdProduct.padded(cout) + LANES;
    float[][] sums = Scratch.mine().parts(parts, size);
    SimdWeightGradient[] each = new SimdWeightGradient[parts];
    Arrays.setAll(each, part -> new SimdWeightGradient(images, cout, sums[part]));
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
    int positions = images.positions;
    if (channelLanes) {
      int width = SimdProduct.padded(count);
      float[] a = images.channels < FEW_CHANNELS ? in : interleaved(in, scratch);
      // A sum of the images' sums loses fewer digits than one long sum.
      float[] to = started ? scratch.floats(IMAGE, k * lanes + LANES) : sum;
      for (int from = 0; from < positions; from += ROWS) {
        int length = Math.min(ROWS, positions - from);
        float[] t = scratch.floats(slot, ROWS * width);
        SimdRows.transpose(planes, RowStarts.apart(count, start + from, step), length, t, 0, width);
        int[] rows = RowStarts.apart(length, 0, width);
        if (a == in) {
          int[] shifts = images.shifts.clone();
          for (int i = 0; i < k; i++) {
            shifts[i] += from;
          }
          SimdProduct.multiply(in, shifts, 1, t, rows, length, to, channel, lanes, count, from > 0);
        } else {
          addInterleaved(a, from, t, rows, to, channel, count);
        }
      }
      for (int at = channel; started && at < k * lanes; at += lanes) {
        SimdRows.add(sum, at, to, at, width);
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

  /** Eight channels next to each other, position by position: whatever the tap, it is a stream. */
  private float[] interleaved(float[] in, Scratch scratch) {
    int[] planes = RowStarts.apart(images.channels, 0, images.plane);
    int size = SimdProduct.interleavedSize(images.channels, images.plane);
    int end = size + GROUP * images.slack;
    float[] to = scratch.floats(INTERLEAVED, end);
    SimdProduct.interleave(in, planes, 1, images.plane, to, 0);
    Arrays.fill(to, size, end, 0);
    return to;
  }

  /** Adds the product of some positions to the image's sum, or starts it. */
  private void addInterleaved(
      float[] a, int from, float[] t, int[] rows, float[] to, int channel, int count) {
    for (int c = 0; c < images.channels; c += GROUP) {
      int channels = Math.min(GROUP, images.channels - c);
      for (int tap = 0; tap < images.taps; tap++) {
        int first = c * images.plane + (images.shifts[tap] + from) * GROUP;
        SimdProduct.multiplyInterleaved(
            a,
            RowStarts.apart(channels, first, 1),
            t,
            rows,
            rows.length,
            to,
            (c * images.taps + tap) * lanes + channel,
            images.taps * lanes,
            count,
            from > 0);
      }
    }
  }

  /** The sum of all parts, in their order, of this shape. */
  static Array total(SimdWeightGradient[] parts, Shape shape) {
    SimdWeightGradient first = parts[0];
    Scratch scratch = Scratch.mine();
    float[] total = first.channelLanes ? scratch.floats(IMAGE, shape.size()) : first.sum;
    int size = first.channelLanes ? first.lanes : first.cout; // of a term
    Threads.parallelFor(
        (first.k + TERMS - 1) / TERMS,
        task -> {
          int from = task * TERMS;
          int to = Math.min(first.k, from + TERMS);
          for (int part = 1; part < parts.length; part++) {
            add(first.sum, parts[part].sum, from * size, to * size);
          }
          if (first.channelLanes) {
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
}
