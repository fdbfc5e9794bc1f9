package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;

/**
 * Cuts off peaks, as an overloaded converter does.
 *
 * @param headroomDb how far below the highest peak the limit stands, in dB; from 0 to 150
 */
public record Clipping(Range headroomDb) implements Augmentation {
  public Clipping {
    headroomDb.within("clipping", "headroomDb", 0, Range.MOST_DB);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("clipping", signal);
    float peak = 0;
    for (float x : signal) {
      peak = Math.max(peak, Math.abs(x));
    }
    float limit = (float) (peak * Math.pow(10, -headroomDb.draw(rng) / 20));
    float[] y = signal.clone();
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(-limit, Math.min(limit, y[i]));
    }
    return y;
  }
}
