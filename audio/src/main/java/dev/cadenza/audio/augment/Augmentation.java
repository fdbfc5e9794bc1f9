package dev.cadenza.audio.augment;

import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A random variation of a recording. Implementations are immutable and thread-safe; a generator
 * belongs to one thread.
 *
 * <pre>{@code
 * Augmentation vary = new Noise(Noise.Color.PINK, Range.of(10, 30)).sometimes(0.5)
 *     .then(new Gain(Range.of(-6, 6)))
 *     .then(new TimeShift(Range.of(-0.1, 0.1)));
 * float[] other = vary.apply(signal, 48000, new SplittableRandom(1));
 * }</pre>
 */
@FunctionalInterface
public interface Augmentation {
  /**
   * A variation of a signal.
   *
   * @param signal at least one sample, all finite. Not modified.
   * @param sampleRate in Hz
   */
  float[] apply(float[] signal, int sampleRate, RandomGenerator rng);

  /** This variation, then another. */
  default Augmentation then(Augmentation next) {
    return (signal, sampleRate, rng) -> next.apply(apply(signal, sampleRate, rng), sampleRate, rng);
  }

  /**
   * This variation with a probability, else a copy of the signal.
   *
   * @throws IllegalArgumentException if the probability is outside of 0 to 1
   */
  default Augmentation sometimes(double probability) {
    if (!(probability >= 0 && probability <= 1)) {
      throw new IllegalArgumentException(
          "augmentation: probability=" + probability + " must be from 0 to 1");
    }
    return (signal, sampleRate, rng) ->
        rng.nextDouble() < probability ? apply(signal, sampleRate, rng) : signal.clone();
  }

  /**
   * One of several, each as likely as the others.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Augmentation oneOf(Augmentation... choices) {
    List<Augmentation> all = List.of(choices);
    if (all.isEmpty()) {
      throw new IllegalArgumentException("augmentation: one of none cannot be chosen");
    }
    return (signal, sampleRate, rng) ->
        all.get(rng.nextInt(all.size())).apply(signal, sampleRate, rng);
  }
}
