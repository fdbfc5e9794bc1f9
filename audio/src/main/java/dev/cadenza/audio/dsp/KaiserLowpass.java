package dev.cadenza.audio.dsp;

/**
 * A low-pass filter as a continuous function of time: a sinc under a Kaiser window, with the length
 * and shape that Kaiser's formulas give for an attenuation and a transition band.
 *
 * <p>J. F. Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974.
 */
final class KaiserLowpass {

  /** Kaiser's formulas are fitted curves: so much more, and two samples, and their word is kept. */
  private static final double MARGIN = 3;

  /** Intervals of the window's table: cubic interpolation is then right to 1e-10. */
  private static final int INTERVALS = 1024;

  private final double cutoff;
  private final int halfLength;
  private final double[] window;

  /**
   * @param pass end of the pass band, in cycles a sample
   * @param stop start of the stop band, in cycles a sample
   * @param attenuation of the stop band in dB, 50 or more
   */
  KaiserLowpass(double pass, double stop, double attenuation) {
    double designed = attenuation + MARGIN;
    double length = (designed - 7.95) / (2.285 * 2 * Math.PI * (stop - pass)) + 1;
    this.cutoff = (pass + stop) / 2;
    this.halfLength = (int) Math.ceil(length / 2) + 1;
    this.window = window(0.1102 * (designed - 8.7));
  }

  /** The window over the square of time, in which it is smooth, and a little beyond its ends. */
  private static double[] window(double beta) {
    double[] w = new double[INTERVALS + 3];
    for (int i = 0; i < w.length; i++) {
      double squareOfTime = (i - 1.0) / INTERVALS;
      w[i] = besselI0(beta * beta * (1 - squareOfTime)) / besselI0(beta * beta);
    }
    return w;
  }

  /** The impulse response is zero from this many samples off the middle on. */
  int halfLength() {
    return halfLength;
  }

  /** Impulse response {@code time} samples off the middle, to a constant factor. */
  double at(double time) {
    double u = time / halfLength;
    if (Math.abs(u) >= 1) {
      return 0;
    }
    double x = 2 * Math.PI * cutoff * time;
    return (x == 0 ? 1 : Math.sin(x) / x) * windowAt(u * u);
  }

  /** Lagrange's cubic through the four nearest points of the table. */
  private double windowAt(double squareOfTime) {
    double position = squareOfTime * INTERVALS;
    int i = (int) position;
    double t = position - i;
    double a = window[i];
    double b = window[i + 1];
    double c = window[i + 2];
    double d = window[i + 3];
    return b
        + t
            * ((c - a / 3 - b / 2 - d / 6)
                + t * ((a + c) / 2 - b + t * ((d - a) / 6 + (b - c) / 2)));
  }

  /** Modified Bessel function of order zero by its power series, as a function of x^2. */
  private static double besselI0(double square) {
    double term = 1;
    double sum = 1;
    for (int k = 1; Math.abs(term) > sum * 1e-17; k++) {
      term *= square / (4.0 * k * k);
      sum += term;
    }
    return sum;
  }
}
