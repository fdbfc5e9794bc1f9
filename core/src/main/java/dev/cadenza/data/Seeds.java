package dev.cadenza.data;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * Randomness by place: a generator for each epoch, and for each example in it, that depends on the
 * seed and that place alone. So it does not matter what was drawn before, by which thread, or
 * whether training was interrupted.
 */
public final class Seeds {
  private Seeds() {}

  /** The generator of an epoch, counted from 0. */
  public static RandomGenerator of(long seed, int epoch) {
    return new SplittableRandom(mix(seed, epoch));
  }

  /** The generator of an example in an epoch. */
  public static RandomGenerator of(long seed, int epoch, int index) {
    return new SplittableRandom(mix(mix(seed, epoch), index));
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014) on the n-th point of its sequence. */
  private static long mix(long seed, int n) {
    long z = seed + (n + 1L) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
