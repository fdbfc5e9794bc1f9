package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Resampler;
import java.util.random.RandomGenerator;

/**
 * Plays a signal faster or slower: pitch, formants and tempo change together (sox's {@code speed}).
 * n samples become {@code ceil(n / factor)}; factors are rounded to 0.01, so that the resampler's
 * filters stay small.
 *
 * @param factor above 1 is faster and higher; from 0.1 to 10
 */
public record Speed(Range factor) implements Augmentation {
  /** A ratio in whole numbers. */
  private static final int UNIT = 100;

  public Speed {
    factor.within("speed", "factor", 0.1, 10);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("speed", signal);
    return resampled(signal, factor.draw(rng), UNIT);
  }

  static float[] resampled(float[] signal, double factor, int unit) {
    int from = (int) Math.round(factor * unit);
    return from == unit ? signal.clone() : Resampler.of(from, unit).resample(signal);
  }
}
