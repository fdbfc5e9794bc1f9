package dev.cadenza.audio.dsp;

import static java.lang.Math.PI;
import static java.lang.Math.cos;

import java.util.Locale;

/**
 * A taper applied to each frame before the Fourier transform.
 *
 * <p>The constants are periodic, the form for spectral analysis and the default of librosa, torch
 * and scipy's {@code get_window}; {@link #symmetric()} gives the form of HTK, Kaldi and filter
 * design. Gains are as in scipy: the peak is 1.
 *
 * @param shape the formula
 * @param parameter beta of {@link Shape#KAISER}, standard deviation in samples of {@link
 *     Shape#GAUSSIAN}; unused, 0, by the others
 * @param periodic true for a window whose period is its length, false for one whose ends are equal
 */
public record Window(Shape shape, double parameter, boolean periodic) {
  public static final Window HANN = of(Shape.HANN);
  public static final Window HAMMING = of(Shape.HAMMING);
  public static final Window BLACKMAN = of(Shape.BLACKMAN);
  public static final Window BLACKMAN_HARRIS = of(Shape.BLACKMAN_HARRIS);
  public static final Window NUTTALL = of(Shape.NUTTALL);
  public static final Window FLAT_TOP = of(Shape.FLAT_TOP);
  public static final Window BARTLETT = of(Shape.BARTLETT);
  public static final Window TRIANGULAR = of(Shape.TRIANGULAR);
  public static final Window COSINE = of(Shape.COSINE);
  public static final Window BOXCAR = of(Shape.BOXCAR);

  /** Kaldi's default: a symmetric Hann to the power 0.85. */
  public static final Window POVEY = of(Shape.POVEY).symmetric();

  /** The formula of a window. */
  public enum Shape {
    HANN,
    HAMMING,
    BLACKMAN,
    BLACKMAN_HARRIS,
    NUTTALL,
    FLAT_TOP,
    BARTLETT,
    TRIANGULAR,
    COSINE,
    BOXCAR,
    POVEY,
    KAISER,
    GAUSSIAN
  }

  private static Window of(Shape shape) {
    return new Window(shape, 0, true);
  }

  /** A periodic Kaiser window. */
  public static Window kaiser(double beta) {
    return new Window(Shape.KAISER, beta, true);
  }

  /** A periodic Gaussian window; the deviation is in samples. */
  public static Window gaussian(double standardDeviation) {
    if (!(standardDeviation > 0)) {
      throw new IllegalArgumentException(
          "window: standardDeviation=" + standardDeviation + " must be above 0");
    }
    return new Window(Shape.GAUSSIAN, standardDeviation, true);
  }

  /**
   * The periodic window that scipy's {@code get_window} makes of a name: {@code hann}, {@code
   * blackmanharris}, or with its parameter, {@code kaiser(14.0)}.
   */
  public static Window parse(String text) {
    int bracket = text.indexOf('(');
    String name = bracket < 0 ? text : text.substring(0, bracket);
    for (Shape shape : Shape.values()) {
      String known = shape.name().replace("_", "");
      if (known.equalsIgnoreCase(name.replace("_", ""))) {
        boolean needsParameter = shape == Shape.KAISER || shape == Shape.GAUSSIAN;
        if (needsParameter != (bracket > 0 && text.endsWith(")"))) {
          break;
        }
        double parameter =
            needsParameter ? Double.parseDouble(text.substring(bracket + 1, text.length() - 1)) : 0;
        return new Window(shape, parameter, true);
      }
    }
    throw new IllegalArgumentException(
        "window: cannot read "
            + text
            + ", expected one of hann, hamming, blackman, blackmanharris, nuttall, flattop,"
            + " bartlett, triangular, cosine, boxcar, povey, kaiser(14.0), gaussian(7.0)");
  }

  /** The same shape with equal ends. */
  public Window symmetric() {
    return new Window(shape, parameter, false);
  }

  /** The window's {@code length} values, in double precision as the other tools compute them. */
  public double[] samples(int length) {
    if (length < 1) {
      throw new IllegalArgumentException("window: length=" + length + " must be at least 1");
    }
    double[] w = new double[length];
    // A periodic window is a symmetric one of one more sample, its last sample dropped.
    int m = periodic ? length + 1 : length;
    for (int i = 0; i < length; i++) {
      w[i] = length == 1 ? 1 : value(i, m);
    }
    return w;
  }

  private double value(int i, int m) {
    double phase = 2 * PI * i / (m - 1);
    return switch (shape) {
      case HANN -> cosines(phase, 0.5, 0.5);
      case HAMMING -> cosines(phase, 0.54, 0.46);
      case BLACKMAN -> cosines(phase, 0.42, 0.5, 0.08);
      case BLACKMAN_HARRIS -> cosines(phase, 0.35875, 0.48829, 0.14128, 0.01168);
      case NUTTALL -> cosines(phase, 0.3635819, 0.4891775, 0.1365995, 0.0106411);
      case FLAT_TOP ->
          cosines(phase, 0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368);
      case BARTLETT -> 1 - Math.abs(2.0 * i / (m - 1) - 1);
      case TRIANGULAR -> 1 - Math.abs(2.0 * i - (m - 1)) / (m % 2 == 0 ? m : m + 1);
      case COSINE -> Math.sin(PI / m * (i + 0.5));
      case BOXCAR -> 1;
      case POVEY -> Math.pow(cosines(phase, 0.5, 0.5), 0.85);
      case KAISER -> {
        double x = 2.0 * i / (m - 1) - 1;
        yield bessel0(parameter * Math.sqrt(Math.max(0, 1 - x * x))) / bessel0(parameter);
      }
      case GAUSSIAN -> {
        double x = (i - (m - 1) / 2.0) / parameter;
        yield Math.exp(-x * x / 2);
      }
    };
  }

  private static double cosines(double phase, double... a) {
    double sum = a[0];
    double sign = -1;
    for (int k = 1; k < a.length; k++, sign = -sign) {
      sum += sign * a[k] * cos(k * phase);
    }
    return sum;
  }

  /**
   * Modified Bessel function of the first kind, order 0, by its power series (all terms positive).
   */
  private static double bessel0(double x) {
    double term = 1;
    double sum = 1;
    for (int k = 1; term > sum * 1e-17; k++) {
      term *= (x / (2 * k)) * (x / (2 * k));
      sum += term;
    }
    return sum;
  }

  @Override
  public String toString() {
    String name = shape.name().toLowerCase(Locale.ROOT);
    String value = shape == Shape.KAISER || shape == Shape.GAUSSIAN ? "(" + parameter + ")" : "";
    return name + value + (periodic ? " periodic" : " symmetric");
  }
}
