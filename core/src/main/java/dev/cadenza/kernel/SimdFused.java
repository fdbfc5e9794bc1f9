package dev.cadenza.kernel;

import java.util.function.UnaryOperator;

/** {@link Fused} by the Vector API. */
final class SimdFused implements Fused {
  @Override
  public Array attention(Array qkv, int heads, double p, long seed) {
    return new SimdAttention(qkv, heads, p, seed).forward();
  }

  @Override
  public Array attentionGradient(Array qkv, int heads, double p, long seed, Array g) {
    return new SimdAttention(qkv, heads, p, seed).gradient(g);
  }

  @Override
  public Array feedForward(Array x, FeedForward f) {
    return new SimdFeedForward(f).forward(true).apply(x);
  }

  @Override
  public UnaryOperator<Array> feedForward(FeedForward f) {
    return new SimdFeedForward(f).forward(false);
  }

  @Override
  public FeedForwardGradients feedForwardGradient(Array x, FeedForward f, Array g) {
    return new SimdFeedForward(f).gradient(x, g);
  }

  @Override
  public Normalization.Result residualNorm(
      Array x, Array branch, Array gamma, Array beta, double eps, double p, long seed) {
    return new SimdResidualNorm(x, branch, p, seed).forward(gamma, beta, eps);
  }

  @Override
  public ResidualNormGradients residualNormGradient(
      Array x,
      Array branch,
      Array gamma,
      Normalization.Result result,
      double eps,
      double p,
      long seed,
      Array g) {
    return new SimdResidualNorm(x, branch, p, seed).gradient(gamma, result, eps, g);
  }
}
