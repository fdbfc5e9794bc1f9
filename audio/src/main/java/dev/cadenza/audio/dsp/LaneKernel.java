package dev.cadenza.audio.dsp;

/**
 * The inner loops of the front end. Lanes are frames: row {@code k} of a block is {@code [k *
 * lanes, (k + 1) * lanes)}, and {@code lanes} is a multiple of {@link #LANES_MULTIPLE}, so that a
 * row is whole vectors on every machine.
 *
 * <p>{@link PortableKernel} is the definition, {@link VectorKernel} does the same with the Vector
 * API. Callers check sizes.
 */
interface LaneKernel {
  int LANES_MULTIPLE = 16;

  /**
   * The kernel for the next block: another one while this one is still slow.
   *
   * @param numbers that the block holds
   */
  default LaneKernel next(int numbers) {
    return this;
  }

  /**
   * One in-place decimation-in-frequency step of radix 4: {@code n} rows from row {@code first}, of
   * which row {@code k} meets rows {@code k + n/4, k + n/2, k + 3n/4}.
   *
   * @param cos cosines and {@code sin} sines of {@code -2 pi t / cos.length}; {@code cos.length} is
   *     a multiple of n
   */
  void radix4(double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin);

  /**
   * One row of a step of radix 2: the lanes from index {@code from} meet those {@code s} behind
   * them, whose difference is turned by {@code c + iw}.
   */
  void radix2(double[] re, double[] im, int from, int s, int lanes, double c, double w);

  /** The same where those behind are zero, whatever stands there. */
  void radix2OfZero(double[] re, double[] im, int from, int s, int lanes, double c, double w);

  /**
   * Power of the bins {@code k} and {@code N/2 - k} of a real transform of size N, from the rows
   * {@code a} and {@code b} that hold those bins of the transform of size N/2 of even and odd
   * samples. The rows are modified.
   *
   * @param wr cosine and {@code wi} sine of {@code -2 pi k / N}
   * @param low receives the power of bin k and {@code high} of bin N/2 - k, from index {@code to}
   */
  void power(
      double[] re,
      double[] im,
      int a,
      int b,
      int lanes,
      double wr,
      double wi,
      float[] low,
      float[] high,
      int to);
}
