package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Makes speech higher or lower at the same tempo and length, formants moving along: stretched by
 * the phase vocoder, then played at another speed, as {@code librosa.effects.pitch_shift} does. The
 * speed is rounded to 0.001, which is less than a cent upwards, and less than four cents two
 * octaves down.
 *
 * @param semitones up where positive; from -24 to 24
 */
public record Pitch(Range semitones) implements Augmentation {
  private static final int UNIT = 1000;

  public Pitch {
    semitones.within("pitch", "semitones", -24, 24);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("pitch", signal);
    double factor = Math.rint(Math.pow(2, semitones.draw(rng) / 12) * UNIT) / UNIT;
    float[] longer = PhaseVocoder.stretch(signal, 1 / factor);
    return Arrays.copyOf(Speed.resampled(longer, factor, UNIT), signal.length);
  }
}
