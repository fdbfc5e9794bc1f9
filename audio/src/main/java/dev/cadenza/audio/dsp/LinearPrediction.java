package dev.cadenza.audio.dsp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.commons.math3.analysis.solvers.LaguerreSolver;
import org.apache.commons.math3.complex.Complex;

/** The all-pole model of a signal's spectrum, and the resonances of the voice that it shows. */
public final class LinearPrediction {
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
    double energy = 0;
    for (int i = 0; i < n; i++) {
      forward[i] = signal[i];
      backward[i] = signal[i];
      energy +=
          (i > 0 ? 1 : 0) * forward[i] * forward[i] + (i < n - 1 ? 1 : 0) * forward[i] * forward[i];
    }
    double[] a = new double[order + 1];
    a[0] = 1;
    // After k steps, forward errors stand in [k + 1, n) and backward errors in [0, n - 1 - k),
    // shifted by k + 1.
    for (int k = 0; k < order; k++) {
      double product = 0;
      for (int i = k + 1; i < n; i++) {
        product += forward[i] * backward[i - k - 1];
      }
      double reflection = -2 * product / (energy + Float.MIN_NORMAL);
      double[] previous = a.clone();
      for (int j = 1; j <= k + 1; j++) {
        a[j] = previous[j] + reflection * previous[k + 1 - j];
      }
      for (int i = k + 1; i < n; i++) {
        double f = forward[i];
        forward[i] += reflection * backward[i - k - 1];
        backward[i - k - 1] += reflection * f;
      }
      double last = backward[n - 2 - k];
      double first = forward[k + 1];
      energy = (1 - reflection * reflection) * energy - last * last - first * first;
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
    double[] ascending = new double[order + 1];
    for (int i = 0; i <= order; i++) {
      ascending[i] = a[order - i];
    }
    List<Formant> formants = new ArrayList<>();
    for (Complex root : new LaguerreSolver(1e-12).solveAllComplex(ascending, 0)) {
      double frequency = root.getArgument() * sampleRate / (2 * Math.PI);
      double bandwidth = -Math.log(root.abs()) * sampleRate / Math.PI;
      if (frequency > 90 && frequency < sampleRate / 2.0 - 50 && bandwidth < 400) {
        formants.add(new Formant(frequency, bandwidth));
      }
    }
    formants.sort(Comparator.comparingDouble(Formant::frequency));
    return formants;
  }
}
