package dev.cadenza.audio.augment;

import java.util.random.RandomGenerator;

/**
 * Makes speech faster or slower at the same pitch, by {@code librosa.effects.time_stretch}'s phase
 * vocoder. n samples become {@code round(n / factor)}.
 *
 * @param factor above 1 is faster; from 0.1 to 10
 */
public record Tempo(Range factor) implements Augmentation {
  public Tempo {
    factor.within("tempo", "factor", 0.1, 10);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    return PhaseVocoder.stretch(signal, factor.draw(rng));
  }
}
