package dev.cadenza.examples.ser;

import dev.cadenza.loss.CrossEntropyLoss;
import dev.cadenza.optim.AdamW;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.optim.Schedule;
import dev.cadenza.optim.Sgd;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * How a network is trained.
 *
 * @param seed of everything that is random
 * @param epochs at most so many
 * @param patience stop after so many epochs without a better one
 * @param batch examples in a step
 * @param optimizer what changes the parameters
 * @param learningRate at the beginning
 * @param momentum of {@link OptimizerKind#SGD}
 * @param weightDecay on all parameters
 * @param labelSmoothing part of the target that all classes share
 * @param schedule how the learning rate changes
 * @param augment what the training part is varied by
 */
public record Recipe(
    long seed,
    int epochs,
    int patience,
    int batch,
    OptimizerKind optimizer,
    double learningRate,
    double momentum,
    double weightDecay,
    double labelSmoothing,
    ScheduleKind schedule,
    Augment augment) {

  public Recipe {
    requirePositive("epochs", epochs);
    requirePositive("patience", patience);
    requirePositive("batch", batch);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", expected 1 or more");
    }
  }

  /** What changes the parameters. */
  public enum OptimizerKind {
    SGD,
    ADAMW;

    @Override
    public String toString() {
      return text(this);
    }
  }

  /** How the learning rate changes over the epochs. */
  public enum ScheduleKind {
    CONSTANT,
    /** Half a cosine down to 0 at the last epoch. */
    COSINE;

    @Override
    public String toString() {
      return text(this);
    }
  }

  private static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /** This recipe with another number of epochs. */
  Recipe epochs(int epochs) {
    return new Recipe(
        seed,
        epochs,
        patience,
        batch,
        optimizer,
        learningRate,
        momentum,
        weightDecay,
        labelSmoothing,
        schedule,
        augment);
  }

  /** This recipe with another patience. */
  Recipe patience(int patience) {
    return new Recipe(
        seed,
        epochs,
        patience,
        batch,
        optimizer,
        learningRate,
        momentum,
        weightDecay,
        labelSmoothing,
        schedule,
        augment);
  }

  /** Independent seeds for what is random in a run. */
  record SeedSet(long weights, long shuffle, long dropout, long copies, long masks) {}

  SeedSet seeds() {
    SplittableRandom rng = new SplittableRandom(seed);
    return new SeedSet(
        rng.nextLong(), rng.nextLong(), rng.nextLong(), rng.nextLong(), rng.nextLong());
  }

  Optimizer optimizer(Map<String, Tensor> parameters) {
    return switch (optimizer) {
      case SGD ->
          Sgd.over(parameters)
              .learningRate(learningRate)
              .momentum(momentum)
              .weightDecay(weightDecay)
              .build();
      case ADAMW ->
          AdamW.over(parameters).learningRate(learningRate).weightDecay(weightDecay).build();
    };
  }

  /** The learning rate by epoch, from 0. */
  Schedule rates() {
    return switch (schedule) {
      case CONSTANT -> Schedule.constant(learningRate);
      case COSINE -> Schedule.cosine(learningRate, 0, epochs);
    };
  }

  CrossEntropyLoss loss() {
    return CrossEntropyLoss.plain().labelSmoothing(labelSmoothing);
  }
}
