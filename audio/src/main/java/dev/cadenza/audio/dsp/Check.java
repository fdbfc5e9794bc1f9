package dev.cadenza.audio.dsp;

/** Checks of arguments with one form of message: {@code <who>: <name>=<value> must be ...}. */
public final class Check {
  private Check() {}

  /** Refuses a value below {@code minimum}. */
  public static int atLeast(String who, String name, int value, int minimum) {
    if (value < minimum) {
      throw new IllegalArgumentException(
          who + ": " + name + "=" + value + " must be at least " + minimum);
    }
    return value;
  }

  /** Refuses NaN, zero and negative values. */
  public static double positive(String who, String name, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(who + ": " + name + "=" + value + " must be above 0");
    }
    return value;
  }

  /** Refuses an empty signal, and one that holds NaN or infinity. */
  public static void signal(String who, float[] signal) {
    if (signal.length == 0) {
      throw new IllegalArgumentException(
          who + ": the signal is empty, at least one sample is needed");
    }
    if (Float.isFinite(sum(signal))) {
      return;
    }
    for (int i = 0; i < signal.length; i++) { // finite samples may have an infinite sum
      if (!Float.isFinite(signal[i])) {
        throw new IllegalArgumentException(
            who
                + ": sample "
                + i
                + " of "
                + signal.length
                + " is "
                + signal[i]
                + ", all samples must be finite");
      }
    }
  }

  /** NaN or infinite where a sample is. Eight sums, as one would wait for itself. */
  private static float sum(float[] x) {
    float a = 0;
    float b = 0;
    float c = 0;
    float d = 0;
    float e = 0;
    float f = 0;
    float g = 0;
    float h = 0;
    int i = 0;
    for (; i + 7 < x.length; i += 8) {
      a += x[i];
      b += x[i + 1];
      c += x[i + 2];
      d += x[i + 3];
      e += x[i + 4];
      f += x[i + 5];
      g += x[i + 6];
      h += x[i + 7];
    }
    for (; i < x.length; i++) {
      a += x[i];
    }
    return a + b + c + d + (e + f + g + h);
  }
}
