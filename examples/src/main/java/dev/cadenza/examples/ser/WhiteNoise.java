package dev.cadenza.examples.ser;

import java.util.random.RandomGenerator;

/** Gaussian noise of all frequencies alike. */
final class WhiteNoise {

  private WhiteNoise() {}

  /**
   * A copy of a signal with noise.
   *
   * @param snrDb by how much the mean power of the signal is above that of the noise, in dB
   */
  static float[] add(float[] signal, double snrDb, RandomGenerator rng) {
    double power = 0;
    for (float sample : signal) {
      power += (double) sample * sample;
    }
    double deviation = Math.sqrt(power / signal.length * Math.pow(10, -snrDb / 10));
    float[] noisy = new float[signal.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (float) (signal[i] + deviation * rng.nextGaussian());
    }
    return noisy;
  }
}
