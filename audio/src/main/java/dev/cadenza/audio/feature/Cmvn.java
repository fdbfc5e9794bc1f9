package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;

/** Cepstral mean and variance normalisation, each row on its own; {@code [F, T]} in and out. */
public final class Cmvn {
  /** Kaldi's floor on a variance. */
  private static final double FLOOR = 1e-20;

  private Cmvn() {}

  /**
   * Over the whole clip: Kaldi's {@code apply-cmvn} with statistics of the utterance.
   *
   * @param variance whether rows are also divided by their standard deviation (of the population)
   */
  public static Features utterance(Features features, boolean variance) {
    return sliding(features, Math.max(1, features.frames()), variance);
  }

  /**
   * Over a window of frames about each one, moved inwards at the ends: Kaldi's {@code
   * apply-cmvn-sliding --center}.
   *
   * @param window frames; Kaldi's default is 600
   */
  public static Features sliding(Features features, int window, boolean variance) {
    Check.atLeast("cmvn", "window", window, 1);
    int frames = features.frames();
    float[] out = new float[features.values().length];
    for (int f = 0; f < features.bins(); f++) {
      float[] row = features.row(f);
      int last = -1;
      double mean = 0;
      double scale = 1;
      for (int t = 0; t < frames; t++) {
        int from = Math.max(0, Math.min(t - window / 2, frames - window));
        if (from != last) { // at the ends, and in a short clip, frames share a window
          int to = Math.min(frames, from + window);
          mean = mean(row, from, to);
          scale = variance ? 1 / deviation(row, from, to, mean) : 1;
          last = from;
        }
        out[f * frames + t] = (float) ((row[t] - mean) * scale);
      }
    }
    return new Features(out, features.bins(), frames);
  }

  private static double mean(float[] row, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += row[i];
    }
    return sum / (to - from);
  }

  private static double deviation(float[] row, int from, int to, double mean) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += (row[i] - mean) * (row[i] - mean);
    }
    return Math.sqrt(Math.max(FLOOR, sum / (to - from)));
  }
}
