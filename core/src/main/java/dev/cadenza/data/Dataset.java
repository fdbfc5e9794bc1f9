package dev.cadenza.data;

import dev.cadenza.shape.Shape;
import java.util.random.RandomGenerator;

/**
 * A numbered collection of examples: features of one shape and a label each. Implementations are
 * read from a thread of {@link DataLoader}; what {@link #read} does must not depend on the order of
 * reading.
 */
public interface Dataset {
  /** The number of examples. */
  int size();

  /** The shape of the features of one example, without a batch axis. */
  Shape shape();

  /** The class of an example, counted from 0. */
  int label(int index);

  /**
   * Writes the features of an example, in row-major order.
   *
   * @param into as long as {@link #shape} has elements; all are written
   */
  void read(int index, float[] into);

  /** This data set as it is in an epoch, counted from 0: another one where chance is involved. */
  default Dataset inEpoch(int epoch) {
    return this;
  }

  /** This data set with features changed at random, anew in every epoch. */
  default Dataset augmented(long seed, Augmentation augmentation) {
    return new Changed(this, augmentation, seed, 0);
  }

  /** This data set with standardised features. */
  default Dataset standardized(Standardizer standardizer) {
    standardizer.requireShape(shape());
    return new Changed(this, (features, rng) -> standardizer.apply(features), 0, 0);
  }

  /** A random change of the features of one example. */
  @FunctionalInterface
  interface Augmentation {
    /**
     * Changes one example in place.
     *
     * @param features row-major; modified
     * @param rng depends on seed, epoch and example alone
     */
    void apply(float[] features, RandomGenerator rng);
  }
}
