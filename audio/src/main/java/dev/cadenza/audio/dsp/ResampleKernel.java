package dev.cadenza.audio.dsp;

/**
 * The inner loop of resampling: a few rows of a banded matrix product.
 *
 * <p>{@link PortableResampleKernel} is the definition, {@link VectorResampleKernel} does the same
 * with the Vector API. In both, a sum runs over rows in order, whatever is computed beside it: an
 * output does not depend on the block it is computed in.
 */
interface ResampleKernel {

  /** Number of columns W to compute at once, where each column takes {@code streams} inputs. */
  int tile(int streams);

  /**
   * {@code y[q W + i] = sum over k of taps[k G + q] * z[rows[k] + i]} for the G = {@value
   * PolyphaseFilter#GROUP} phases q and i below {@code count}; what is written from there to W is
   * undefined.
   *
   * @param y receives [G, W]. Modified.
   */
  void product(float[] z, int[] rows, float[] taps, float[] y, int tile, int count);

  /**
   * The same of a single phase: {@code y[i] = sum over k of taps[k] * z[rows[k] + i]}.
   *
   * @param y receives [W]. Modified.
   */
  void sum(float[] z, int[] rows, float[] taps, float[] y, int count);
}
