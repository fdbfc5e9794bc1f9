package dev.cadenza.kernel;

import org.jspecify.annotations.Nullable;

/** One step of an optimizer on one parameter, in place. Conventions are PyTorch's. */
public interface Update {
  /**
   * The settings of {@link #sgd}.
   *
   * @param dampening keeps that part of the gradient out of the velocity (not in the first step)
   */
  record Sgd(
      double learningRate,
      double momentum,
      double dampening,
      boolean nesterov,
      double weightDecay,
      boolean first) {}

  /**
   * The settings of {@link #adam}.
   *
   * @param step counts from 1
   * @param decoupled weight decay acts on the weight (AdamW) instead of on the gradient (Adam)
   */
  record Adam(
      double learningRate,
      double beta1,
      double beta2,
      double eps,
      double weightDecay,
      boolean decoupled,
      int step) {}

  /** {@code parameter}, {@code velocity}: modified. No velocity without momentum. */
  void sgd(Array parameter, Array gradient, @Nullable Array velocity, Sgd settings);

  /** {@code parameter}, {@code mean}, {@code square}: modified. */
  void adam(Array parameter, Array gradient, Array mean, Array square, Adam settings);
}
