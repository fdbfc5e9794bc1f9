package dev.cadenza.audio.dsp;

import static java.lang.Math.PI;
import static java.lang.Math.cos;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A taper applied to each frame before the Fourier transform.
 *
 * <p>The constants are periodic, the form for spectral analysis and the default of librosa, torch
 * and scipy's {@code get_window}; {@link #symmetric()} gives the form of HTK, Kaldi and filter
 * design. Gains are as in scipy: the peak is 1.
 *
 * @param shape the formula
 * @param parameter beta of {@link Shape#KAISER}, standard deviation in samples of {@link
 *     Shape#GAUSSIAN}, the part of {@link Shape#TUKEY} that is tapered; unused, 0, by the others
 * @param periodic true for a window whose period is its length, false for one whose ends are equal
 */
public record Window(Shape shape, double parameter, boolean periodic) {
  private static final Pattern NAME =
      Pattern.compile("([a-zA-Z_]+)(?:\\((-?[0-9]*\\.?[0-9]+(?:[eE]-?[0-9]+)?)\\))?");

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
  public static final Window BARTHANN = of(Shape.BARTHANN);
  public static final Window BOHMAN = of(Shape.BOHMAN);
  public static final Window LANCZOS = of(Shape.LANCZOS);
  public static final Window PARZEN = of(Shape.PARZEN);

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
    BARTHANN,
    BOHMAN,
    LANCZOS,
    PARZEN,
    TUKEY,
    POVEY,
    KAISER,
    GAUSSIAN
  }

  public Window {
    boolean sensible =
        switch (shape) {
          case KAISER -> Double.isFinite(parameter);
          case GAUSSIAN -> parameter > 0 && Double.isFinite(parameter);
          case TUKEY -> parameter >= 0 && parameter <= 1;
          default -> parameter == 0;
        };
    if (!sensible) {
      throw new IllegalArgumentException(
          "window: "
              + shape.name().toLowerCase(Locale.ROOT)
              + " cannot have the parameter "
              + parameter
              + ", expected a finite one for kaiser, one above 0 for gaussian, one from 0 to 1 for"
              + " tukey");
    }
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
    return new Window(Shape.GAUSSIAN, standardDeviation, true);
  }

  /** A periodic window that is 1 but for cosines at both ends, {@code alpha} of its length. */
  public static Window tukey(double alpha) {
    return new Window(Shape.TUKEY, alpha, true);
  }

  /**
   * The periodic window that scipy's {@code get_window} makes of a name: {@code hann}, {@code
   * blackmanharris}, or with its parameter, {@code kaiser(14.0)}; {@code tukey} alone is {@code
   * tukey(0.5)}.
   */
  public static Window parse(String text) {
    Matcher parts = NAME.matcher(text);
    if (parts.matches()) {
      String name = parts.group(1).replace("_", "").replaceFirst("^triang(le)?$", "triangular");
      for (Shape shape : Shape.values()) {
        boolean takesOne = takesParameter(shape);
        String parameter = parts.group(2) == null && shape == Shape.TUKEY ? "0.5" : parts.group(2);
        if (shape.name().replace("_", "").equalsIgnoreCase(name)
            && takesOne == (parameter != null)) {
          return new Window(shape, takesOne ? Double.parseDouble(parameter) : 0, true);
        }
      }
    }
    throw new IllegalArgumentException(
        "window: cannot read "
            + text
            + ", expected one of hann, hamming, blackman, blackmanharris, nuttall, flattop,"
            + " bartlett, triang, cosine, boxcar, barthann, bohman, lanczos, parzen, povey,"
            + " tukey(0.5), kaiser(14.0), gaussian(7.0)");
  }

  private static boolean takesParameter(Shape shape) {
    return shape == Shape.KAISER || shape == Shape.GAUSSIAN || shape == Shape.TUKEY;
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
      case BARTHANN -> {
        double x = Math.abs((double) i / (m - 1) - 0.5);
        yield 0.62 - 0.48 * x + 0.38 * cos(2 * PI * x);
      }
      case BOHMAN -> {
        double x = Math.abs(2.0 * i / (m - 1) - 1);
        yield (1 - x) * cos(PI * x) + Math.sin(PI * x) / PI;
      }
      case LANCZOS -> {
        double x = PI * (2.0 * i / (m - 1) - 1);
        yield x == 0 ? 1 : Math.sin(x) / x;
      }
      case PARZEN -> {
        double x = Math.abs(2.0 * i - (m - 1)) / m;
        yield 2 * x * m <= m - 1 ? 1 - 6 * x * x * (1 - x) : 2 * Math.pow(1 - x, 3);
      }
      case TUKEY -> {
        double x = 2.0 * Math.min(i, m - 1 - i) / (m - 1);
        yield x < parameter ? cosines(PI * x / parameter, 0.5, 0.5) : 1;
      }
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
    String value = takesParameter(shape) ? "(" + parameter + ")" : "";
    return name + value + (periodic ? " periodic" : " symmetric");
  }
}
