package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.distribution.BetaDistribution;

/**
 * Mixes two examples and, in the same proportion, their labels (Zhang et al. 2018).
 *
 * @param alpha of the Beta(alpha, alpha) distribution that the proportion comes from; usually 0.2
 */
public record Mixup(double alpha) {
  public Mixup {
    Check.positive("mixup", "alpha", alpha);
    if (Double.isInfinite(alpha)) {
      throw new IllegalArgumentException("mixup: alpha=" + alpha + " must be finite");
    }
  }

  /**
   * Two examples in one.
   *
   * @param values {@code share a + (1 - share) b}
   * @param share the part of the first example, and of its label
   */
  public record Mixed(float[] values, double share) {}

  /** A mixture of two feature maps of the same size. Neither is modified. */
  public Mixed apply(float[] a, float[] b, RandomGenerator rng) {
    if (a.length != b.length) {
      throw new IllegalArgumentException(
          "mixup: sizes differ, a has " + a.length + " values, b has " + b.length);
    }
    // By the inverse of the distribution: one draw, from the generator that everything comes from.
    double share =
        new BetaDistribution(null, alpha, alpha).inverseCumulativeProbability(rng.nextDouble());
    float[] mixed = new float[a.length];
    for (int i = 0; i < mixed.length; i++) {
      mixed[i] = (float) (share * a[i] + (1 - share) * b[i]);
    }
    return new Mixed(mixed, share);
  }
}
