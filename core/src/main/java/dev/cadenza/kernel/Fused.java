package dev.cadenza.kernel;

import java.util.function.UnaryOperator;

/**
 * Kernels that do in one pass over the data what several ops define together. They exist in the
 * SIMD set alone; the ops of package {@code op} that use them carry the composed form as
 * definition.
 */
public interface Fused {
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
