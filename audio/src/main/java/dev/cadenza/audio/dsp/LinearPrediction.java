package dev.cadenza.audio.dsp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.complex.Complex;
import org.apache.commons.math3.complex.ComplexUtils;

/** The all-pole model of a signal's spectrum, and the resonances of the voice that it shows. */
public final class LinearPrediction {
  /** Burg's method puts all roots inside the unit circle, those of resonances close to it. */
  private static final double START_RADIUS = 0.95;

  /** A step of this size moves a formant by less than a float32 shows. */
  private static final double LEAST_STEP = 1e-13;

  /** Simple roots need about ten rounds; multiple ones, which are no resonances, never settle. */
  private static final int MOST_ROUNDS = 200;

  private LinearPrediction() {}

  /**
   * A resonance.
   *
   * @param frequency in Hz
   * @param bandwidth in Hz
   */
  public record Formant(double frequency, double bandwidth) {}

  /**
   * Coefficients of the prediction-error filter by Burg's method, {@code [1, a1, .., a_order]}:
   * librosa's {@code lpc}.
   *
   * @param order at least 1 and below the number of samples
   */
  public static double[] burg(float[] signal, int order) {
    Check.signal("lpc", signal);
    Check.atLeast("lpc", "order", order, 1);
    int n = signal.length;
    if (order >= n) {
      throw new IllegalArgumentException(
          "lpc: order=" + order + " must be below the number of samples, " + n);
    }
    double[] forward = new double[n];
    double[] backward = new double[n];
    for (int i = 0; i < n; i++) {
      forward[i] = signal[i];
      backward[i] = signal[i];
    }
    double[] a = new double[order + 1];
    a[0] = 1;
    // After k steps, forward errors stand in [k + 1, n) and backward errors in [0, n - 1 - k),
    // shifted by k + 1.
    for (int k = 0; k < order; k++) {
      double product = 0;
      // Summed anew in each step: the recursion for it, which librosa uses, may fall below zero
      // where a signal can be predicted wholly, and then coefficients grow without bound.
      double energy = 0;
      for (int i = k + 1; i < n; i++) {
        product += forward[i] * backward[i - k - 1];
        energy += forward[i] * forward[i] + backward[i - k - 1] * backward[i - k - 1];
      }
      double reflection = -2 * product / (energy + Double.MIN_NORMAL);
      double[] previous = a.clone();
      for (int j = 1; j <= k + 1; j++) {
        a[j] = previous[j] + reflection * previous[k + 1 - j];
      }
      for (int i = k + 1; i < n; i++) {
        double f = forward[i];
        forward[i] += reflection * backward[i - k - 1];
        backward[i - k - 1] += reflection * f;
      }
    }
    return a;
  }

  /**
   * Formants of one frame: the resonances of the model of the signal after pre-emphasis (0.97) and
   * a symmetric Hamming window, those between 90 Hz and 50 Hz below half of the sample rate and
   * narrower than 400 Hz, by frequency.
   *
   * @param order of the model; 2 and 1 for each kHz of the sample rate is the usual choice
   */
  public static List<Formant> formants(float[] frame, int sampleRate, int order) {
    float[] x = new float[frame.length];
    double[] window = Window.HAMMING.symmetric().samples(frame.length);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) (window[i] * (frame[i] - (i > 0 ? 0.97 * frame[i - 1] : 0)));
    }
    double[] a = burg(x, order);
    List<Formant> formants = new ArrayList<>();
    for (Complex root : roots(a)) {
      double frequency = root.getArgument() * sampleRate / (2 * Math.PI);
      double bandwidth = -Math.log(root.abs()) * sampleRate / Math.PI;
      if (frequency > 90 && frequency < sampleRate / 2.0 - 50 && bandwidth < 400) {
        formants.add(new Formant(frequency, bandwidth));
      }
    }
    formants.sort(Comparator.comparingDouble(Formant::frequency));
    return formants;
  }

  /**
   * All roots of {@code a[0] z^n + .. + a[n]} at once, each by Newton's method on what is left of
   * the polynomial when the others are divided out (O. Aberth, 1973). Laguerre's method with
   * deflation may go round in circles for ever here, where many roots lie close to the unit circle.
   */
  private static Complex[] roots(double[] a) {
    Complex[] z = new Complex[a.length - 1];
    for (int k = 0; k < z.length; k++) {
      // Around the circle, and not symmetric about the real axis, on which no start may stay.
      z[k] = ComplexUtils.polar2Complex(START_RADIUS, 2 * Math.PI * k / z.length + 0.4);
    }
    double largestStep = 1;
    for (int round = 0; round < MOST_ROUNDS && largestStep > LEAST_STEP; round++) {
      largestStep = 0;
      for (int k = 0; k < z.length; k++) {
        Complex step = step(a, z, k);
        z[k] = z[k].subtract(step);
        largestStep = Math.max(largestStep, step.abs());
      }
    }
    return z;
  }

  private static Complex step(double[] a, Complex[] z, int k) {
    Complex value = Complex.ZERO;
    Complex slope = Complex.ZERO;
    for (double coefficient : a) {
      slope = slope.multiply(z[k]).add(value);
      value = value.multiply(z[k]).add(coefficient);
    }
    if (value.equals(Complex.ZERO)) {
      return Complex.ZERO;
    }
    // p / (p' - p sum 1 / (z - other))
    Complex rest = Complex.ZERO;
    for (int j = 0; j < z.length; j++) {
      if (j != k && !z[j].equals(z[k])) {
        rest = rest.add(z[k].subtract(z[j]).reciprocal());
      }
    }
    Complex divisor = slope.subtract(value.multiply(rest));
    return divisor.equals(Complex.ZERO) ? Complex.ZERO : value.divide(divisor);
  }
}
