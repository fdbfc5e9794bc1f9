package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** {@link Fused} by the Vector API. */
final class SimdFused implements Fused {
  @Override
  public boolean servesConvBlock(Window conv, Window pool) {
    return SimdConvBlock.serves(conv, pool);
  }

  @Override
  public ConvBlockResult convBlock(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      ConvBlock settings,
      boolean recording) {
    return new SimdConvBlock(x, weight, bias, gamma, settings).forward(x, beta, recording);
  }

  @Override
  public UnaryOperator<Array> folded(
      Shape x, Array weight, Array bias, Array gamma, Array beta, ConvBlock settings) {
    Statistics given = Objects.requireNonNull(settings.given(), "statistics of the batch");
    return new SimdFoldedBlock(x, weight, bias, gamma, beta, settings, given);
  }

  @Override
  public ConvBlockGradients convBlockGradient(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      ConvBlock settings,
      ConvBlockResult result,
      Array g,
      boolean inputToo) {
    return new SimdConvBlock(x, weight, bias, gamma, settings)
        .gradient(x, beta, result, g, inputToo);
  }

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
