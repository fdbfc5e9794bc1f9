package dev.cadenza.loss;

import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;

/** The losses as functions with their default settings. */
public final class Losses {
  private Losses() {}

  /**
   * The mean cross-entropy of logits [N, K] against labels 0 .. K - 1, one a row. Class weights and
   * label smoothing: see {@link CrossEntropyLoss}.
   *
   * @throws IllegalArgumentException if a label is none of the classes
   */
  public static Tensor crossEntropy(Tensor logits, int... labels) {
    return CrossEntropyLoss.plain().of(logits, labels);
  }

  /**
   * The mean of the squared differences of all elements.
   *
   * @throws ShapeException if the shapes differ: nothing is broadcast
   */
  public static Tensor mse(Tensor output, Tensor target) {
    ShapeException.requireShape("mse", "target", output.shape(), target.shape());
    Tensor difference = output.sub(target);
    return difference.mul(difference).mean();
  }
}
