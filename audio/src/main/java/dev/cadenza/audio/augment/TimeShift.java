package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;

/**
 * Moves a signal in time; zeros come in, what leaves is lost, the length stays.
 *
 * @param seconds later where positive, drawn for each signal
 */
public record TimeShift(Range seconds) implements Augmentation {
  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("time shift", signal);
    int n = signal.length;
    long wanted = Math.round(seconds.draw(rng) * sampleRate);
    int shift = (int) Math.max(-n, Math.min(n, wanted));
    float[] y = new float[n];
    System.arraycopy(signal, Math.max(0, -shift), y, Math.max(0, shift), n - Math.abs(shift));
    return y;
  }
}
