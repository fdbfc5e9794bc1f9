package dev.cadenza.nn;

import dev.cadenza.op.LayerNormalization;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;

/**
 * Layer normalisation over the last axis (Ba, Kiros and Hinton 2016), {@code eps} 1e-5.
 *
 * <pre>
 *   input, output  [.., E]
 *   weight, bias   [E]   1 and 0
 * </pre>
 */
public final class LayerNorm extends Layer {
  private final double eps;
  private final Tensor weight;
  private final Tensor bias;

  public LayerNorm(int features) {
    this(features, 1e-5);
  }

  public LayerNorm(int features, double eps) {
    this.eps = eps;
    this.weight = param("weight", Init.constant(1), features);
    this.bias = param("bias", Init.constant(0), features);
  }

  public double eps() {
    return eps;
  }

  public Tensor weight() {
    return weight;
  }

  public Tensor bias() {
    return bias;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return Tensor.apply(new LayerNormalization(eps), x, weight, bias);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "LayerNorm(%d)", weight.dim(0));
  }
}
