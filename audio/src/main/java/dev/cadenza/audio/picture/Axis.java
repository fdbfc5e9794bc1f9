package dev.cadenza.audio.picture;

import dev.cadenza.audio.dsp.MelScale;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * An axis: where a value stands between its two ends, and which values are written at it.
 *
 * @param low value at one end
 * @param high value at the other
 * @param scale what is spread evenly: a growing function of the value
 * @param inverse of {@code scale}
 * @param ticks what kind of values is written at it
 */
record Axis(
    double low, double high, DoubleUnaryOperator scale, DoubleUnaryOperator inverse, Ticks ticks) {

  /** Kinds of values that are written at an axis. */
  enum Ticks {
    /** Multiples of 1, 2 or 5 times a power of ten. */
    EVEN,
    /** The same without fractions. */
    WHOLE,
    /** Numbers with one digit that is not 0. */
    UNEVEN
  }

  /** First digits of ticks on an uneven axis, the most welcome first. */
  private static final int[] DIGITS = {1, 5, 2, 3};

  static Axis even(double low, double high) {
    return new Axis(low, high, v -> v, v -> v, Ticks.EVEN);
  }

  /** The numbers of rows that are 1 high and start at half below. */
  static Axis rows(int count) {
    return new Axis(-0.5, count - 0.5, v -> v, v -> v, Ticks.WHOLE);
  }

  static Axis logarithmic(double low, double high) {
    return new Axis(low, high, Math::log, Math::exp, Ticks.UNEVEN);
  }

  static Axis mel(double low, double high, MelScale mel) {
    return new Axis(low, high, mel::mel, mel::hz, Ticks.UNEVEN);
  }

  /** 0 at the low end, 1 at the high one. */
  double place(double value) {
    double from = scale.applyAsDouble(low);
    return (scale.applyAsDouble(value) - from) / (scale.applyAsDouble(high) - from);
  }

  /** The value at a place. */
  double value(double place) {
    double from = scale.applyAsDouble(low);
    return inverse.applyAsDouble(from + place * (scale.applyAsDouble(high) - from));
  }

  /**
   * Round values for a line of a given length, no two of them nearer to each other than {@code
   * spacing}.
   */
  List<Double> ticks(double length, double spacing) {
    double least = (high - low) * spacing / length;
    return switch (ticks) {
      case EVEN -> evenTicks(least);
      case WHOLE -> evenTicks(Math.max(1, least));
      case UNEVEN -> unevenTicks(spacing / length);
    };
  }

  private List<Double> evenTicks(double leastStep) {
    double decade = Math.pow(10, Math.floor(Math.log10(leastStep)));
    double step = 10 * decade;
    for (int digit : new int[] {5, 2, 1}) {
      step = digit * decade >= leastStep ? digit * decade : step;
    }
    List<Double> ticks = new ArrayList<>();
    double slack = 1e-9 * step; // what rounding may add to an end
    for (double k = Math.ceil((low - slack) / step); k * step <= high + slack; k++) {
      ticks.add(k * step + 0.0); // never -0
    }
    return ticks;
  }

  private List<Double> unevenTicks(double spacing) {
    List<Double> ticks = new ArrayList<>();
    keep(0, spacing, ticks);
    for (int digit : DIGITS) {
      for (double decade = 1; decade <= high; decade *= 10) {
        keep(digit * decade, spacing, ticks);
      }
    }
    Collections.sort(ticks);
    return ticks;
  }

  private void keep(double value, double spacing, List<Double> ticks) {
    if (value >= low
        && value <= high
        && ticks.stream().allMatch(t -> Math.abs(place(t) - place(value)) >= spacing)) {
      ticks.add(value);
    }
  }

  /** A number as short as it can be written, {@code 0.3}, {@code -40}. */
  static String label(double value) {
    BigDecimal rounded = new BigDecimal(value).round(new MathContext(6));
    return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
  }

  /** A frequency, {@code 500} or {@code 2k}. */
  static String hertz(double value) {
    return value < 1000 ? label(value) : label(value / 1000) + "k";
  }
}
