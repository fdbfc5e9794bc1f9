package dev.cadenza.audio.dsp;

/**
 * The vectors, after plain loops have done the first clip of a JVM: until the compiler has come by,
 * an operation of the Vector API takes a hundred times as long as a plain one.
 */
final class PlainFirstKernel implements LaneKernel {
  private final PortableKernel plain = new PortableKernel();
  private final VectorKernel vectors = new VectorKernel();

  /** Numbers that are left to the plain loops: those of the transforms of some 3 s. */
  private int left = 1_000_000;

  private boolean isEarly(int numbers) {
    if (left <= 0) {
      return false;
    }
    left -= numbers; // threads that meet here move the end a little
    return true;
  }

  @Override
  public void radix4(
      double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin) {
    if (isEarly(n * lanes)) {
      plain.radix4(re, im, first, n, lanes, cos, sin);
    } else {
      vectors.radix4(re, im, first, n, lanes, cos, sin);
    }
  }

  @Override
  public void radix2(
      double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin) {
    if (isEarly(n * lanes)) {
      plain.radix2(re, im, first, n, lanes, cos, sin);
    } else {
      vectors.radix2(re, im, first, n, lanes, cos, sin);
    }
  }

  @Override
  public void power(
      double[] re,
      double[] im,
      int a,
      int b,
      int lanes,
      double wr,
      double wi,
      float[] low,
      float[] high,
      int to) {
    if (isEarly(lanes)) {
      plain.power(re, im, a, b, lanes, wr, wi, low, high, to);
    } else {
      vectors.power(re, im, a, b, lanes, wr, wi, low, high, to);
    }
  }
}
