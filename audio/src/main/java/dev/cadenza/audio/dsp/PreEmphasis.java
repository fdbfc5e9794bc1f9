package dev.cadenza.audio.dsp;

/**
 * First-order filters that raise high frequencies before analysis, and lower them again; librosa's,
 * by value.
 */
public final class PreEmphasis {
  private PreEmphasis() {}

  /**
   * {@code y[i] = x[i] - coefficient * x[i-1]}. What came before the first sample is taken from the
   * line through the first two, as librosa does: {@code y[0] = x[0] + (2 x[0] - x[1])}.
   *
   * @param coefficient usually 0.97
   */
  public static float[] apply(float[] x, double coefficient) {
    Check.signal("pre-emphasis", x);
    float[] y = new float[x.length];
    y[0] = x[0] + start(x);
    for (int i = 1; i < x.length; i++) {
      y[i] = (float) (x[i] - coefficient * x[i - 1]);
    }
    return y;
  }

  /** The inverse of {@link #apply}, but for rounding. */
  public static float[] undo(float[] y, double coefficient) {
    Check.signal("de-emphasis", y);
    double before = ((2 - coefficient) * y[0] - (y.length > 1 ? y[1] : y[0])) / (3 - coefficient);
    float[] x = new float[y.length];
    double last = 0;
    for (int i = 0; i < y.length; i++) {
      last = y[i] - (i == 0 ? before : 0) + coefficient * last;
      x[i] = (float) last;
    }
    return x;
  }

  private static float start(float[] x) {
    return x.length > 1 ? 2 * x[0] - x[1] : x[0];
  }
}
