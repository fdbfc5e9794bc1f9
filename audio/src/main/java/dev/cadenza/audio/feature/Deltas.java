package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/** Rates of change of features over frames; {@code [F, T]} in and out. */
public final class Deltas {
  private Deltas() {}

  /**
   * librosa's {@code feature.delta} with {@code mode='interp'}: the derivative of the polynomial of
   * degree {@code order} fitted to {@code width} frames, which at the ends is that of the first and
   * the last whole fit.
   *
   * @param width frames in a fit, odd, from 3; at most T; librosa's default is 9
   * @param order of the derivative and of the polynomial, from 1
   */
  public static Features savitzkyGolay(Features features, int width, int order) {
    Check.atLeast("delta", "width", width, 3);
    Check.atLeast("delta", "order", order, 1);
    if (width % 2 == 0 || width > features.frames() || order >= width) {
      throw new IllegalArgumentException(
          "delta: width="
              + width
              + " must be odd, above order="
              + order
              + " and at most the number of frames, "
              + features.frames());
    }
    int half = width / 2;
    double[] weights = derivative(width, order);
    int frames = features.frames();
    float[] out = new float[features.values().length];
    for (int f = 0; f < features.bins(); f++) {
      for (int t = 0; t < frames; t++) {
        int first = Math.max(0, Math.min(t - half, frames - width));
        double sum = 0;
        for (int i = 0; i < width; i++) {
          sum += weights[i] * features.values()[f * frames + first + i];
        }
        out[f * frames + t] = (float) sum;
      }
    }
    return new Features(out, features.bins(), frames);
  }

  /**
   * Weights on the values of a fit that give its derivative, which is the same everywhere in it:
   * order! times the leading coefficient.
   */
  private static double[] derivative(int width, int order) {
    int half = width / 2;
    RealMatrix powers = new Array2DRowRealMatrix(width, order + 1);
    for (int i = 0; i < width; i++) {
      for (int p = 0; p <= order; p++) {
        powers.setEntry(i, p, Math.pow(i - half, p));
      }
    }
    RealMatrix fit = new QRDecomposition(powers).getSolver().getInverse();
    double[] weights = new double[width];
    double factorial = 1;
    for (int p = 2; p <= order; p++) {
      factorial *= p;
    }
    for (int i = 0; i < width; i++) {
      weights[i] = factorial * fit.getEntry(order, i);
    }
    return weights;
  }

  /**
   * The slope of a line through {@code 2 * window + 1} frames, the first and the last frame being
   * repeated beyond the ends: HTK, Kaldi ({@code add-deltas}), torchaudio ({@code compute_deltas}
   * with {@code win_length = 2 * window + 1}).
   *
   * @param window frames to each side; 2 in HTK, Kaldi and torchaudio
   */
  public static Features regression(Features features, int window) {
    Check.atLeast("delta", "window", window, 1);
    double norm = 0;
    for (int i = 1; i <= window; i++) {
      norm += 2.0 * i * i;
    }
    int frames = features.frames();
    float[] x = features.values();
    float[] out = new float[x.length];
    for (int f = 0; f < features.bins(); f++) {
      int row = f * frames;
      for (int t = 0; t < frames; t++) {
        double sum = 0;
        for (int i = 1; i <= window; i++) {
          sum += i * ((double) x[row + Math.min(t + i, frames - 1)] - x[row + Math.max(t - i, 0)]);
        }
        out[row + t] = (float) (sum / norm);
      }
    }
    return new Features(out, features.bins(), frames);
  }
}
