package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;

/**
 * Per-channel energy normalisation (Wang et al., 2017) of a mel spectrogram without logarithm,
 * {@code [M, T]} in and out: librosa's {@code pcen}. Each band is divided by its own smoothed past,
 * then compressed.
 *
 * <pre>
 *   m[t]  = (1 - b) m[t-1] + b x[t],   m[-1] = x-independent steady state 1
 *   y[t]  = (x[t] / (eps + m[t])^gain + bias)^power - bias^power
 * </pre>
 *
 * @param gain exponent of the division, 0 to 1
 * @param bias added before compression, from 0
 * @param power exponent of the compression; 0 for a logarithm
 * @param timeConstant of the smoothing, in seconds
 * @param eps least smoothed value
 */
public record Pcen(double gain, double bias, double power, double timeConstant, double eps) {
  /** librosa's defaults, for magnitudes in the range of 16-bit samples. */
  public static final Pcen LIBROSA = new Pcen(0.98, 2, 0.5, 0.4, 1e-6);

  public Pcen {
    if (!(gain >= 0) || !(bias >= 0) || !(power >= 0)) {
      throw new IllegalArgumentException(
          "pcen: gain=" + gain + ", bias=" + bias + " and power=" + power + " must be at least 0");
    }
    Check.positive("pcen", "timeConstant", timeConstant);
    Check.positive("pcen", "eps", eps);
  }

  /** The normalised spectrogram. */
  public Features apply(Features spectrogram, int sampleRate, int hop) {
    double time = timeConstant * sampleRate / hop;
    double b = (Math.sqrt(1 + 4 * time * time) - 1) / (2 * time * time);
    int frames = spectrogram.frames();
    float[] x = spectrogram.values();
    float[] out = new float[x.length];
    for (int f = 0; f < spectrogram.bins(); f++) {
      double smoothed = 1;
      for (int t = 0; t < frames; t++) {
        int i = f * frames + t;
        smoothed += b * (x[i] - smoothed);
        double factor = Math.exp(-gain * (Math.log(eps) + Math.log1p(smoothed / eps)));
        out[i] = (float) compress(x[i] * factor);
      }
    }
    return new Features(out, spectrogram.bins(), frames);
  }

  private double compress(double x) {
    if (power == 0) {
      return Math.log1p(x);
    }
    return bias == 0
        ? Math.pow(x, power)
        : Math.pow(bias, power) * Math.expm1(power * Math.log1p(x / bias));
  }
}
