package dev.cadenza.audio.dsp;

/** Powers as decibels or logarithms, and back. */
public final class Decibels {
  /** Factor from the natural logarithm of a power to decibels. */
  public static final double PER_NEPER = 10 / Math.log(10);

  private Decibels() {}

  /**
   * {@code x[i] = factor * ln(max(amin, x[i]))} for the first n values, in place: decibels with
   * {@link #PER_NEPER}.
   *
   * @param amin least value before the logarithm, at least {@link Float#MIN_NORMAL}
   */
  public static void logInPlace(float[] x, int n, double amin, double factor) {
    Kernels.LANES.scaledLog(x, n, (float) amin, factor);
  }

  /** Decibels of one power, {@code 10 log10(max(amin, power))}. */
  public static double of(double power, double amin) {
    return 10 * Math.log10(Math.max(amin, power));
  }
}
