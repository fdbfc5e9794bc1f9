package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;

/**
 * Makes a signal louder or softer. Nothing is clipped.
 *
 * @param db in dB, drawn for each signal; from -150 to 150
 */
public record Gain(Range db) implements Augmentation {
  public Gain {
    db.within("gain", "db", -Range.MOST_DB, Range.MOST_DB);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("gain", signal);
    return scaled(signal, Math.pow(10, db.draw(rng) / 20));
  }

  static float[] scaled(float[] signal, double factor) {
    float[] y = new float[signal.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) (signal[i] * factor);
    }
    return y;
  }
}
