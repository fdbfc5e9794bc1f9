package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Puts windowed frames side by side as a {@link RealFft} wants them: frame {@code t} becomes lane
 * t, sample s of all frames a row.
 */
final class FrameColumns {
  /** Frames written together: read as so many streams, written as a cache line. */
  private static final int STREAMS = 8;

  /** The window's own place in a frame. */
  private final int before;

  private final double[] taper;
  private final double[] evenTaper;
  private final double[] oddTaper;
  private final int hop;
  private final Framing framing;
  private final Conditioning conditioning;
  private final RealFft fft;

  FrameColumns(Stft.Settings settings, RealFft fft) {
    this.fft = fft;
    conditioning = settings.conditioning();
    hop = settings.hop();
    framing = settings.framing();
    taper = settings.window().samples(settings.winLength());
    for (int i = 0; i < taper.length; i++) {
      taper[i] *= conditioning.gain();
    }
    evenTaper = new double[(taper.length + 1) / 2];
    oddTaper = new double[taper.length / 2];
    Arrays.setAll(evenTaper, i -> taper[2 * i]);
    Arrays.setAll(oddTaper, i -> taper[2 * i + 1]);
    before =
        settings.alignment().isWholeTransform() ? (settings.nFft() - settings.winLength()) / 2 : 0;
  }

  /** Length of the window. */
  int length() {
    return taper.length;
  }

  /**
   * Fills the rows of a block; lanes from {@code count} on get what follows in the signal, or
   * zeros.
   *
   * @param frame room for {@link #length} numbers
   * @param inPlace whether the window lies in its place; else at the start, which changes the
   *     phases of a transform, not its power, and leaves more of it empty
   * @return the number of rows filled
   */
  int load(
      float[] x,
      int firstFrame,
      int count,
      int lanes,
      double[] re,
      double[] im,
      double[] frame,
      boolean inPlace) {
    int shift = inPlace ? before : 0;
    int used = clearBeside(re, im, lanes, shift);
    for (int lane = 0; lane < lanes; lane += STREAMS) {
      int start = framing.firstSample() + (firstFrame + lane) * hop + before;
      if (fft.packed() && !conditioning.perFrame() && eightInside(x, start)) {
        int even = row(shift) * lanes + lane;
        int odd = row(shift + 1) * lanes + lane;
        loadEight(x, start, hop, evenTaper, rows(shift, re, im), even, lanes);
        loadEight(x, start + 1, hop, oddTaper, rows(shift + 1, re, im), odd, lanes);
        continue;
      }
      for (int i = lane; i < lane + STREAMS; i++) {
        loadOne(x, start + (i - lane) * hop, i < count, i, lanes, re, im, frame, shift);
      }
    }
    return used;
  }

  private boolean eightInside(float[] x, int start) {
    return start >= 0 && start + (STREAMS - 1L) * hop + taper.length <= x.length;
  }

  /** Every second sample of eight frames. */
  private static void loadEight(
      float[] x, int first, int hop, double[] taper, double[] rows, int to, int lanes) {
    int at = to;
    for (int i = 0; i < taper.length; i++) {
      double w = taper[i];
      int from = first + 2 * i;
      rows[at] = w * x[from];
      rows[at + 1] = w * x[from + hop];
      rows[at + 2] = w * x[from + 2 * hop];
      rows[at + 3] = w * x[from + 3 * hop];
      rows[at + 4] = w * x[from + 4 * hop];
      rows[at + 5] = w * x[from + 5 * hop];
      rows[at + 6] = w * x[from + 6 * hop];
      rows[at + 7] = w * x[from + 7 * hop];
      at += lanes;
    }
  }

  /** A frame that reaches beyond the signal or is conditioned, or zeros. */
  private void loadOne(
      float[] x,
      int start,
      boolean wanted,
      int lane,
      int lanes,
      double[] re,
      double[] im,
      double[] frame,
      int shift) {
    if (wanted) {
      conditioning.apply(x, start, framing, frame);
    } else {
      Arrays.fill(frame, 0);
    }
    for (int i = 0; i < taper.length; i++) {
      rows(shift + i, re, im)[row(shift + i) * lanes + lane] = taper[i] * frame[i];
    }
  }

  /** The buffer and the row in it of sample s of a transform. */
  private double[] rows(int s, double[] re, double[] im) {
    return fft.packed() && s % 2 == 1 ? im : re;
  }

  private int row(int s) {
    return fft.packed() ? s / 2 : s;
  }

  /** Zeroes what the window leaves empty in the rows up to its end; returns their number. */
  private int clearBeside(double[] re, double[] im, int lanes, int shift) {
    int after = shift + taper.length;
    if (!fft.packed()) {
      Arrays.fill(re, 0, shift * lanes, 0);
      Arrays.fill(im, 0, after * lanes, 0);
      return after;
    }
    // A row holds two samples; the window may cover one of them.
    int used = (after + 1) / 2;
    Arrays.fill(re, 0, (shift + 1) / 2 * lanes, 0);
    Arrays.fill(im, 0, shift / 2 * lanes, 0);
    Arrays.fill(im, after / 2 * lanes, used * lanes, 0);
    return used;
  }
}
