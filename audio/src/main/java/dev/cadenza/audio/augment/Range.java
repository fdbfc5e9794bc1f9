package dev.cadenza.audio.augment;

import java.util.random.RandomGenerator;

/**
 * What a setting is drawn from, uniformly.
 *
 * @param low the lowest value
 * @param high the highest
 */
public record Range(double low, double high) {
  /** Levels beyond this, in dB, are mistakes: float32 spans 150 dB. */
  static final double MOST_DB = 150;

  public Range {
    if (!(low <= high) || Double.isInfinite(low) || Double.isInfinite(high)) {
      throw new IllegalArgumentException(
          "range: low=" + low + ", high=" + high + " must be finite and in order");
    }
  }

  public static Range of(double low, double high) {
    return new Range(low, high);
  }

  /** Always the same value; nothing is drawn. */
  public static Range only(double value) {
    return new Range(value, value);
  }

  double draw(RandomGenerator rng) {
    return low == high ? low : low + (high - low) * rng.nextDouble();
  }

  /** This range, if all of it is within bounds. */
  Range within(String who, String name, double least, double most) {
    if (low < least || high > most) {
      throw new IllegalArgumentException(
          who + ": " + name + "=" + this + " must lie within " + least + ".." + most);
    }
    return this;
  }

  @Override
  public String toString() {
    return low == high ? String.valueOf(low) : low + ".." + high;
  }
}
