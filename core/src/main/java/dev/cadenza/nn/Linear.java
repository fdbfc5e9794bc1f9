package dev.cadenza.nn;

import dev.cadenza.op.LinearTransform;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * A linear map with bias: {@code y = x weight^T + bias}.
 *
 * <pre>
 *   input   [.., in]
 *   weight  [out, in]   uniform(-b, b), b = 1 / sqrt(in)
 *   bias    [out]       same bound
 *   output  [.., out]
 * </pre>
 */
public final class Linear extends Layer {
  private final Tensor weight;
  private final Tensor bias;

  public Linear(int in, int out, RandomGenerator rng) {
    this(in, out, rng, Init.uniform(1 / Math.sqrt(in), rng));
  }

  /** A linear map whose bias starts otherwise. */
  public Linear(int in, int out, RandomGenerator rng, Init bias) {
    this.weight = param("weight", Init.kaimingUniform(Math.sqrt(5), rng), out, in);
    this.bias = param("bias", bias, out);
  }

  public Tensor weight() {
    return weight;
  }

  public Tensor bias() {
    return bias;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return Tensor.apply(new LinearTransform(), x, weight, bias);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Linear(%d -> %d)", weight.dim(1), weight.dim(0));
  }
}
