package dev.cadenza.optim;

import dev.cadenza.tensor.Tensor;
import java.util.Map;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): each step first shrinks the
 * parameters by {@code learningRate * weightDecay}, outside of the gradient's means.
 */
public final class AdamW {
  private AdamW() {}

  /** Settings for these parameters: learning rate 0.001, weight decay 0.01. */
  public static Adam.Builder over(Map<String, Tensor> parameters) {
    return new Adam.Builder(parameters, true).weightDecay(0.01);
  }
}
