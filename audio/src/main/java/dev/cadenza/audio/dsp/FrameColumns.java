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

  /** The window's own place in a frame. */
  private final int before;

  private final double[] taper;
  private final int hop;
  private final Framing framing;
  private final Conditioning conditioning;
  private final RealFft fft;
  private final LaneKernel kernel;
  private final int turnedRows;
  private final int pitch;

  /** Scratch of one caller: the turned signal, or one frame. */
  record Scratch(float[] turned, double[] frame) {}

  FrameColumns(Stft.Settings settings, RealFft fft, LaneKernel kernel, int maxLanes) {
    this.kernel = kernel;
    this.fft = fft;
    conditioning = settings.conditioning();
    hop = settings.hop();
    framing = settings.framing();
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
   * Fills the rows of a block; lanes from {@code count} on get what follows in the signal or stands
   * after it.
   *
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
      Scratch scratch,
      boolean inPlace) {
    int shift = inPlace ? before : 0;
    int used = clearBeside(re, im, lanes, shift);
    int start = framing.firstSample() + firstFrame * hop + before;
    if (conditioning.perFrame()) {
      loadFrames(x, start, count, lanes, re, im, scratch.frame, shift);
      return used;
    }
    LaneKernel now = kernel.next(0);
    turn(x, start, lanes + (taper.length - 1) / hop, scratch.turned);
    for (int i = 0; i < taper.length; i++) {
      int from = i % hop * pitch + i / hop;
      int s = shift + i;
      now.scale(scratch.turned, from, taper[i], rows(s, re, im), row(s) * lanes, lanes);
    }
    return used;
  }

  /** The buffer and the row in it of sample s of a transform. */
  private double[] rows(int s, double[] re, double[] im) {
    return fft.packed() && s % 2 == 1 ? im : re;
  }

  private int row(int s) {
    return fft.packed() ? s / 2 : s;
  }

  private void turn(float[] x, int start, int columns, float[] turned) {
    for (int c = 0; c < columns; c += STREAMS) {
      int first = start + c * hop;
      if (first >= 0 && first + (STREAMS - 1L) * hop + turnedRows <= x.length) {
        turnEight(x, first, turned, c);
      } else {
        for (int i = 0; i < STREAMS; i++) {
          turnOne(x, first + i * hop, turned, c + i);
        }
      }
    }
  }

  private void turnOne(float[] x, int first, float[] turned, int c) {
    int from = Math.min(turnedRows, Math.max(0, -first));
    int end = Math.max(from, Math.min(turnedRows, x.length - first));
    for (int r = 0; r < from; r++) {
      turned[r * pitch + c] = framing.sample(x, first + r);
    }
    for (int r = from; r < end; r++) {
      turned[r * pitch + c] = x[first + r];
    }
    for (int r = end; r < turnedRows; r++) {
      turned[r * pitch + c] = framing.sample(x, first + r);
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
      float[] x,
      int start,
      int count,
      int lanes,
      double[] re,
      double[] im,
      double[] frame,
      int shift) {
    for (int lane = 0; lane < lanes; lane++) {
      if (lane < count) {
        conditioning.apply(x, start + lane * hop, framing, frame);
      } else {
        Arrays.fill(frame, 0);
      }
      for (int i = 0; i < taper.length; i++) {
        rows(shift + i, re, im)[row(shift + i) * lanes + lane] = taper[i] * frame[i];
      }
    }
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
