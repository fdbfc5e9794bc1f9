package dev.cadenza.audio.dsp;

import java.util.Arrays;

/** Autocorrelation of frames through the Fourier transform. */
public final class Autocorrelation {
  private Autocorrelation() {}

  /**
   * {@code r[t][k] = sum_i x[t * hop + i] * x[t * hop + i + k]} with both factors inside frame t,
   * for k in [0, lags).
   *
   * @param x the signal; frame t is {@code [t * hop, t * hop + length)}
   * @return {@code [frames, lags]}
   */
  public static double[][] of(float[] x, int hop, int length, int frames, int lags) {
    int lanes = LaneKernel.LANES_MULTIPLE;
    int size = Integer.highestOneBit(Math.max(1, length + lags - 2)) * 2;
    LaneFft fft = new LaneFft(size, Kernels.LANES);
    double[] re = new double[size * lanes];
    double[] im = new double[size * lanes];
    double[] power = new double[size * lanes];
    double[][] result = new double[frames][lags];
    for (int first = 0; first < frames; first += lanes) {
      int count = Math.min(lanes, frames - first);
      Arrays.fill(re, 0);
      Arrays.fill(im, 0);
      for (int i = 0; i < count; i++) {
        for (int j = 0; j < length; j++) {
          re[j * lanes + i] = x[(first + i) * hop + j];
        }
      }
      fft.forward(re, im, lanes);
      for (int k = 0; k < size; k++) {
        for (int i = 0; i < lanes; i++) {
          int from = fft.row(k) * lanes + i;
          power[k * lanes + i] = (re[from] * re[from] + im[from] * im[from]) / size;
        }
      }
      Arrays.fill(im, 0);
      fft.forward(power, im, lanes); // even, so forward and inverse are alike
      for (int i = 0; i < count; i++) {
        for (int k = 0; k < lags; k++) {
          result[first + i][k] = power[fft.row(k) * lanes + i];
        }
      }
    }
    return result;
  }
}
