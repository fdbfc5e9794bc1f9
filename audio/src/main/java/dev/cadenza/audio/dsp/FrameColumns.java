package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Puts windowed frames side by side as a {@link RealFft} wants them: frame {@code t} becomes lane
 * t, sample s of all frames a row.
 *
 * <p>Frames overlap, so the signal is turned once, into {@code hop} rows of every hop-th sample.
 * Sample {@code q * hop + r} of all frames is then row r from column q: a run of neighbours, which
 * is converted and windowed whole vectors at a time.
 */
final class FrameColumns {
  /** Columns turned together: read as so many streams, written as half a cache line. */
  private static final int STREAMS = 8;

  private final double[] taper;
  private final int hop;
  private final int before;
  private final Conditioning conditioning;
  private final RealFft fft;
  private final int turnedRows;
  private final int pitch;

  /** Scratch of one caller: the turned signal, or one frame. */
  record Scratch(float[] turned, double[] frame) {}

  FrameColumns(Stft.Settings settings, RealFft fft, int maxLanes) {
    this.fft = fft;
    conditioning = settings.conditioning();
    hop = settings.hop();
    taper = settings.window().samples(settings.winLength());
    for (int i = 0; i < taper.length; i++) {
      taper[i] *= conditioning.gain();
    }
    before =
        settings.alignment().isWholeTransform() ? (settings.nFft() - settings.winLength()) / 2 : 0;
    turnedRows = Math.min(hop, taper.length);
    int columns = maxLanes + (taper.length - 1) / hop;
    pitch = (columns + STREAMS - 1) / STREAMS * STREAMS;
  }

  Scratch scratch() {
    return conditioning.perFrame()
        ? new Scratch(new float[0], new double[taper.length])
        : new Scratch(new float[Math.multiplyExact(turnedRows, pitch)], new double[0]);
  }

  /**
   * Fills the rows of a block; lanes from {@code count} on get what follows in the signal, or
   * zeros.
   *
   * @param x the padded signal; frame t is {@code [t * hop, ...)}
   */
  void load(
      float[] x, int firstFrame, int count, int lanes, double[] re, double[] im, Scratch scratch) {
    clearBeside(re, im, lanes);
    int start = firstFrame * hop + before;
    if (conditioning.perFrame()) {
      loadFrames(x, start, count, lanes, re, im, scratch.frame);
      return;
    }
    turn(x, start, lanes + (taper.length - 1) / hop, scratch.turned);
    for (int i = 0; i < taper.length; i++) {
      int from = i % hop * pitch + i / hop;
      scale(scratch.turned, from, taper[i], rows(i, re, im), row(i) * lanes, lanes);
    }
  }

  private static void scale(float[] x, int from, double w, double[] to, int toIndex, int n) {
    for (int i = 0; i < n; i++) {
      to[toIndex + i] = w * x[from + i];
    }
  }

  /** The buffer and the row in it of sample i of the window. */
  private double[] rows(int i, double[] re, double[] im) {
    return fft.packed() && (before + i) % 2 == 1 ? im : re;
  }

  private int row(int i) {
    return fft.packed() ? (before + i) / 2 : before + i;
  }

  private void turn(float[] x, int start, int columns, float[] turned) {
    for (int c = 0; c < columns; c += STREAMS) {
      long first = start + (long) c * hop;
      if (first + (STREAMS - 1L) * hop + turnedRows <= x.length) {
        turnEight(x, (int) first, turned, c);
      } else {
        for (int i = 0; i < STREAMS; i++) {
          for (int r = 0; r < turnedRows; r++) {
            long at = first + (long) i * hop + r;
            turned[r * pitch + c + i] = at < x.length ? x[(int) at] : 0;
          }
        }
      }
    }
  }

  private void turnEight(float[] x, int first, float[] turned, int c) {
    for (int r = 0; r < turnedRows; r++) {
      int from = first + r;
      int to = r * pitch + c;
      turned[to] = x[from];
      turned[to + 1] = x[from + hop];
      turned[to + 2] = x[from + 2 * hop];
      turned[to + 3] = x[from + 3 * hop];
      turned[to + 4] = x[from + 4 * hop];
      turned[to + 5] = x[from + 5 * hop];
      turned[to + 6] = x[from + 6 * hop];
      turned[to + 7] = x[from + 7 * hop];
    }
  }

  /** Frames that are conditioned differ where they overlap: one at a time. */
  private void loadFrames(
      float[] x, int start, int count, int lanes, double[] re, double[] im, double[] frame) {
    for (int lane = 0; lane < lanes; lane++) {
      if (lane < count) {
        conditioning.apply(x, start + lane * hop, frame);
      } else {
        Arrays.fill(frame, 0);
      }
      for (int i = 0; i < taper.length; i++) {
        rows(i, re, im)[row(i) * lanes + lane] = taper[i] * frame[i];
      }
    }
  }

  /** Zeroes the rows beside the window. */
  private void clearBeside(double[] re, double[] im, int lanes) {
    int after = before + taper.length;
    int end = fft.rows() * lanes;
    if (fft.packed()) {
      // A row holds two samples; the window may cover one of them.
      Arrays.fill(re, 0, (before + 1) / 2 * lanes, 0);
      Arrays.fill(im, 0, before / 2 * lanes, 0);
      Arrays.fill(re, (after + 1) / 2 * lanes, end, 0);
      Arrays.fill(im, after / 2 * lanes, end, 0);
    } else {
      Arrays.fill(re, 0, before * lanes, 0);
      Arrays.fill(re, after * lanes, end, 0);
      Arrays.fill(im, 0, end, 0);
    }
  }
}
