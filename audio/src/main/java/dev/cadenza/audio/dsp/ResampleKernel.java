package dev.cadenza.audio.dsp;

/**
 * The inner loop of resampling: a few rows of a banded matrix product.
 *
 * <p>{@link PortableResampleKernel} is the definition, {@link VectorResampleKernel} does the same
 * with the Vector API. In both, a sum runs over rows in order, whatever is computed beside it: an
 * output does not depend on the block it is computed in.
 */
interface ResampleKernel {

  /** The kernel of this process. */
  ResampleKernel BEST = choose();

  /**
   * Number of columns W computed at once; memory for W + ... columns times {@code streams} is
   * taken.
   */
  int tile(int streams);

  /**
   * {@code y[q W + i] = sum over k of taps[k G + q] * z[rows[k] + i]} for the G = {@value
   * PolyphaseFilter#GROUP} phases q and i below {@code count}; what is written from there to W is
   * undefined.
   *
   * @param y receives [G, W]. Modified.
   */
  void product(float[] z, int[] rows, float[] taps, float[] y, int tile, int count);

  private static ResampleKernel choose() {
    boolean portable = System.getProperty("cadenza.kernels", "").equals("portable");
    boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    return present && !portable ? new VectorResampleKernel() : new PortableResampleKernel();
  }
}
