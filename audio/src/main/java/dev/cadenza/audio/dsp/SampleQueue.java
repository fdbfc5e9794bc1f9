package dev.cadenza.audio.dsp;

import java.util.Arrays;

/** Samples with absolute positions: appended at one end, forgotten at the other. */
final class SampleQueue {

  private float[] values = new float[0];
  private int head;
  private int length;
  private long start;

  /** Empties the queue, for samples from position {@code start} on. */
  void restart(long start) {
    this.start = start;
    head = 0;
    length = 0;
  }

  /** Position of the first sample that is still there. */
  long start() {
    return start;
  }

  /** Position behind the last sample. */
  long end() {
    return start + length;
  }

  /** The samples, the one at position {@code start} at index {@link #head}. */
  float[] values() {
    return values;
  }

  int head() {
    return head;
  }

  /**
   * Makes room for {@code count} more samples, so that appending them moves nothing. Half of an
   * array that is used again is free: samples are moved as seldom as if it were new.
   */
  void reserve(int count) {
    if (head + length + count > values.length) {
      int wanted = length == 0 ? count : 2 * (length + count);
      float[] target = wanted <= values.length ? values : new float[wanted];
      System.arraycopy(values, head, target, 0, length);
      values = target;
      head = 0;
    }
  }

  /** Appends {@code count} samples of any value and returns the index of the first of them. */
  int extend(int count) {
    reserve(count);
    length += count;
    return head + length - count;
  }

  void append(float[] samples, int from, int count) {
    int to = extend(count);
    System.arraycopy(samples, from, values, to, count);
  }

  /** Takes over a whole array as the content of an empty queue; it is read, never written. */
  void lend(float[] samples) {
    values = samples;
    head = 0;
    length = samples.length;
  }

  /** Forgets what lies before {@code position}. */
  void dropBefore(long position) {
    int count = (int) Math.max(0, Math.min(length, position - start));
    head += count;
    start += count;
    length -= count;
  }

  /** Takes all samples out. */
  float[] drain() {
    float[] all =
        length == values.length ? values : Arrays.copyOfRange(values, head, head + length);
    start += length;
    values = new float[0];
    head = 0;
    length = 0;
    return all;
  }
}
