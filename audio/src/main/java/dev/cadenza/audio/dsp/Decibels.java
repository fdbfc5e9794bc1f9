package dev.cadenza.audio.dsp;

import org.jspecify.annotations.Nullable;

/** Powers and amplitudes as decibels, and back; librosa's {@code power_to_db} and its relatives. */
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
    new LogPolynomial(factor).apply(x, n, (float) amin);
  }

  /**
   * {@code 10 log10(max(amin, power) / max(amin, ref))}, cut {@code topDb} below its maximum.
   *
   * @param ref power at 0 dB
   * @param amin least power, at least {@link Float#MIN_NORMAL}
   * @param topDb null for no cut
   */
  public static float[] ofPower(float[] power, double ref, double amin, @Nullable Double topDb) {
    float[] db = power.clone();
    logInPlace(db, db.length, amin, PER_NEPER);
    float shift = (float) (PER_NEPER * Math.log(Math.max(amin, ref)));
    float floor = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < db.length; i++) {
      db[i] -= shift;
      floor = topDb != null ? Math.max(floor, (float) (db[i] - topDb)) : floor;
    }
    for (int i = 0; i < db.length; i++) {
      db[i] = Math.max(db[i], floor);
    }
    return db;
  }

  /**
   * {@code 20 log10(max(amin, |amplitude|) / max(amin, ref))}, cut {@code topDb} below its maximum.
   */
  public static float[] ofAmplitude(
      float[] amplitude, double ref, double amin, @Nullable Double topDb) {
    float[] power = new float[amplitude.length];
    for (int i = 0; i < power.length; i++) {
      power[i] = amplitude[i] * amplitude[i];
    }
    return ofPower(power, ref * ref, amin * amin, topDb);
  }

  /** {@code ref * 10^(db / 10)}. */
  public static float[] toPower(float[] db, double ref) {
    float[] power = new float[db.length];
    for (int i = 0; i < db.length; i++) {
      power[i] = (float) (ref * Math.pow(10, db[i] / 10.0));
    }
    return power;
  }

  /** {@code ref * 10^(db / 20)}. */
  public static float[] toAmplitude(float[] db, double ref) {
    float[] amplitude = new float[db.length];
    for (int i = 0; i < db.length; i++) {
      amplitude[i] = (float) (ref * Math.pow(10, db[i] / 20.0));
    }
    return amplitude;
  }
}
