package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.RecordText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How powers become a logarithm.
 *
 * @param unit the logarithm
 * @param ref power at 0; null for the clip's maximum
 * @param amin least power before the logarithm
 * @param topDb how far below the clip's maximum values are cut, in the unit of the result; null for
 *     not at all
 */
public record LogScale(Unit unit, @Nullable Double ref, double amin, @Nullable Double topDb) {
  /** The unit of the result. */
  public enum Unit {
    /** No logarithm; reference, floor and cut do not apply. */
    POWER,
    /** 10 log10 of the power. */
    DECIBEL,
    /** Natural logarithm of the power. */
    NEPER
  }

  /** librosa's {@code power_to_db} with its defaults. */
  public static final LogScale LIBROSA = new LogScale(Unit.DECIBEL, 1.0, 1e-10, 80.0);

  /** Kaldi's: natural, the floor being the distance of 1 from the next float. */
  public static final LogScale KALDI = new LogScale(Unit.NEPER, 1.0, Math.ulp(1f), null);

  public LogScale {
    if (!(amin >= Float.MIN_NORMAL)) {
      throw new IllegalArgumentException(
          "log: amin=" + amin + " must be at least " + Float.MIN_NORMAL);
    }
    if (ref != null) {
      Check.positive("log", "ref", ref);
    }
    if (topDb != null && !(topDb >= 0)) {
      throw new IllegalArgumentException("log: topDb=" + topDb + " must be at least 0");
    }
  }

  @Override
  public String toString() {
    return RecordText.of(this);
  }

  /** True where a value depends on the maximum of the whole clip. */
  boolean needsMaximum() {
    return unit != Unit.POWER && (ref == null || topDb != null);
  }

  /** The logarithm of one row of powers, in place; reference and cut follow in {@link #finish}. */
  void log(float[] row, int n) {
    if (unit != Unit.POWER) {
      Decibels.logInPlace(row, n, amin, factor());
    }
  }

  private double factor() {
    return unit == Unit.DECIBEL ? Decibels.PER_NEPER : 1;
  }

  /** Subtracts the reference and cuts what lies too far below the maximum of all rows, in place. */
  void finish(float[][] rows, int n) {
    float maximum = needsMaximum() ? maximum(rows, n) : 0;
    float shift = ref == null ? maximum : (float) (factor() * Math.log(Math.max(amin, ref)));
    float floor = topDb == null ? Float.NEGATIVE_INFINITY : (float) (maximum - shift - topDb);
    if (unit == Unit.POWER || (shift == 0 && topDb == null)) {
      return;
    }
    for (float[] row : rows) {
      for (int i = 0; i < n; i++) {
        row[i] = Math.max(row[i] - shift, floor);
      }
    }
  }

  private static float maximum(float[][] rows, int n) {
    // Per frame first: that loop runs over whole vectors, a running maximum of one number does not.
    float[] best = new float[n];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (float[] row : rows) {
      for (int i = 0; i < n; i++) {
        best[i] = Math.max(best[i], row[i]);
      }
    }
    float maximum = Float.NEGATIVE_INFINITY;
    for (float b : best) {
      maximum = Math.max(maximum, b);
    }
    return maximum;
  }
}
