package dev.cadenza.audio.augment;

import dev.cadenza.audio.G711;
import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;

/**
 * Coded and decoded by the telephone's mu-law (ITU-T G.711): 8 bits a sample, noise that follows
 * the level. Samples beyond full scale are clipped; the sample rate stays. Draws nothing.
 */
public record MuLaw() implements Augmentation {
  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("mu-law", signal);
    float[] y = new float[signal.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = G711.throughMuLaw(signal[i]);
    }
    return y;
  }
}
