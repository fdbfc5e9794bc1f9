package dev.cadenza.kernel;

/**
 * Normalisation to mean 0 and variance 1. The array is read as [outer, C, inner] with statistics
 * over {@code outer} and {@code inner} (batch norm: C channels) or over the last axis (layer norm).
 */
public interface Normalization {
  /**
   * The result of a normalisation.
   *
   * @param y the normalised, scaled and shifted array
   * @param mean the mean of each channel or row
   * @param variance the biased variance of each channel or row
   */
  record Result(Array y, Array mean, Array variance) {}

  /** The gradients of a normalisation with respect to input, scale and shift. */
  record Gradients(Array x, Array gamma, Array beta) {}

  /** {@code x [N, C, ..], gamma [C], beta [C]}, statistics of this batch. */
  Result batchNorm(Array x, Array gamma, Array beta, double eps);

  Gradients batchNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g);

  /** Batch norm with given statistics: {@code gamma * (x - mean) / sqrt(variance + eps) + beta}. */
  Array normalize(Array x, Array gamma, Array beta, Array mean, Array variance, double eps);

  /** {@code x [rows, E], gamma [E], beta [E]}, statistics of each row. */
  Result layerNorm(Array x, Array gamma, Array beta, double eps);

  Gradients layerNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g);
}
