package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Kernels that do in one pass over the data what several ops define together. They exist in the
 * SIMD set alone; the ops of package {@code op} that use them carry the composed form as
 * definition.
 */
public interface Fused {
  /**
   * The settings of a convolution block: convolution, batch norm, ReLU, max pooling, dropout.
   *
   * @param given the statistics that batch norm uses, or null for those of the batch
   */
  record ConvBlock(
      Window conv, Window pool, double eps, @Nullable Statistics given, double p, long seed) {}

  /** The mean and the biased variance of each channel of a convolution's output. */
  record Statistics(Array mean, Array variance) {}

  /**
   * What a convolution block computes.
   *
   * @param y [N, Cout, pooled H, pooled W]
   * @param statistics those that batch norm used
   * @param state what the gradient needs again
   */
  record ConvBlockResult(Array y, Statistics statistics, Object state) {}

  /** Gradients of a convolution block; x only where it was asked for. */
  record ConvBlockGradients(@Nullable Array x, Array weight, Array bias, Array gamma, Array beta) {}

  /** Whether a convolution block with these windows is served. */
  boolean servesConvBlock(Window conv, Window pool);

  /**
   * A convolution block.
   *
   * @param recording false if no gradient will be asked for
   */
  ConvBlockResult convBlock(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      ConvBlock settings,
      boolean recording);

  /**
   * A convolution block without dropout and with given statistics as a function of its image, the
   * batch norm folded into the convolution: equal to {@link #convBlock} but for rounding.
   *
   * @param x the shape of the image
   */
  UnaryOperator<Array> folded(
      Shape x, Array weight, Array bias, Array gamma, Array beta, ConvBlock settings);

  ConvBlockGradients convBlockGradient(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      ConvBlock settings,
      ConvBlockResult result,
      Array g,
      boolean inputToo);

  /**
   * Scaled dot-product self-attention of packed projections: {@code qkv [N, T, 3E]} (queries, keys,
   * values, each of A heads of size E / A) to [N, T, E]. Dropout acts on the weights [N, A, T, T].
   */
  Array attention(Array qkv, int heads, double p, long seed);

  /** The gradient of {@link #attention} with respect to {@code qkv}. */
  Array attentionGradient(Array qkv, int heads, double p, long seed, Array g);

  /** The settings of {@link #feedForward}: dropout on the hidden layer [.., hidden]. */
  record FeedForward(Array w1, Array b1, Array w2, Array b2, double p, long seed) {}

  record FeedForwardGradients(Array x, Array w1, Array b1, Array w2, Array b2) {}

  /** {@code dropout(relu(x w1^T + b1)) w2^T + b2} for x [rows, E]. */
  Array feedForward(Array x, FeedForward f);

  /** {@link #feedForward} as a function of x, the weights laid out once. */
  UnaryOperator<Array> feedForward(FeedForward f);

  FeedForwardGradients feedForwardGradient(Array x, FeedForward f, Array g);

  /** {@code layerNorm(x + dropout(branch))} for x and branch [rows, E]. */
  Normalization.Result residualNorm(
      Array x, Array branch, Array gamma, Array beta, double eps, double p, long seed);

  /** The gradients of {@link #residualNorm}: x, gamma and beta, and of the branch. */
  record ResidualNormGradients(Array x, Array branch, Array gamma, Array beta) {}

  ResidualNormGradients residualNormGradient(
      Array x,
      Array branch,
      Array gamma,
      Normalization.Result result,
      double eps,
      double p,
      long seed,
      Array g);
}
