package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;

/**
 * Cuts off low and high frequencies, as a telephone or a small loudspeaker does: a Butterworth
 * high-pass, then a low-pass, of second order each, by the bilinear transform ({@code
 * scipy.signal.butter(2, ..)} and {@code lfilter}). A limit at or above half the sample rate cuts
 * nothing.
 *
 * @param lowHz the lower limit (-3 dB)
 * @param highHz the upper limit (-3 dB)
 */
public record BandPass(Range lowHz, Range highHz) implements Augmentation {
  public BandPass {
    Check.positive("band-pass", "lowHz", lowHz.low());
    if (!(lowHz.high() < highHz.low())) {
      throw new IllegalArgumentException(
          "band-pass: lowHz=" + lowHz + " must lie below highHz=" + highHz);
    }
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("band-pass", signal);
    double low = lowHz.draw(rng);
    double high = highHz.draw(rng);
    return filter(filter(signal, low, sampleRate, true), high, sampleRate, false);
  }

  private static float[] filter(float[] x, double hz, int sampleRate, boolean highPass) {
    if (hz >= sampleRate / 2.0) {
      return x.clone();
    }
    double c = Math.tan(Math.PI * hz / sampleRate);
    double norm = 1 / (1 + Math.sqrt(2) * c + c * c);
    double b0 = highPass ? norm : c * c * norm;
    double b1 = highPass ? -2 * b0 : 2 * b0;
    double a1 = 2 * (c * c - 1) * norm;
    double a2 = (1 - Math.sqrt(2) * c + c * c) * norm;
    float[] y = new float[x.length];
    double s1 = 0; // direct form II, transposed
    double s2 = 0;
    for (int i = 0; i < x.length; i++) {
      double out = b0 * x[i] + s1;
      s1 = b1 * x[i] - a1 * out + s2;
      s2 = b0 * x[i] - a2 * out;
      y[i] = (float) out;
    }
    return y;
  }
}
