package dev.cadenza.audio.dsp;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link PortableKernel}'s loops with the Vector API; needs {@code --add-modules
 * jdk.incubator.vector}.
 *
 * <p>Conversions between float and double are plain loops. As vectors they take a third of the
 * time, and the compiler of Java 17 then gives up on vectors elsewhere, in one JVM out of three or
 * always: on steps of the transform, on the {@link Resampler} where it comes second.
 */
final class VectorKernel implements LaneKernel {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;

  private final LaneKernel plain = new PortableKernel();

  /** Numbers that are left to the plain loops. */
  private int left;

  /**
   * @param plainFirst numbers that plain loops transform, with the same bits: until the compiler
   *     has come by, an operation of the Vector API takes a hundred times as long as theirs
   */
  VectorKernel(int plainFirst) {
    left = plainFirst;
  }

  @Override
  public LaneKernel next(int numbers) {
    if (left <= 0) {
      return this;
    }
    left -= numbers; // threads that meet here move the end a little
    return plain;
  }

  private static DoubleVector load(double[] x, int i) {
    return DoubleVector.fromArray(D, x, i);
  }

  @Override
  public void radix4(
      double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin) {
    int quarter = n / 4;
    int step = cos.length / n;
    int s = quarter * lanes;
    radix4(re, im, first * lanes, s, lanes);
    for (int k = 1; k < quarter; k++) {
      int t = k * step;
      double c1 = cos[t];
      double s1 = sin[t];
      double c2 = cos[2 * t];
      double s2 = sin[2 * t];
      double c3 = cos[3 * t];
      double s3 = sin[3 * t];
      radix4(re, im, (first + k) * lanes, s, lanes, c1, s1, c2, s2, c3, s3);
    }
  }

  /**
   * The butterflies of one row. A method of its own, since what is called often is compiled sooner
   * than a loop, and until then a vector takes a hundred times as long.
   */
  private static void radix4(
      double[] re,
      double[] im,
      int from,
      int s,
      int lanes,
      double c1,
      double s1,
      double c2,
      double s2,
      double c3,
      double s3) {
    for (int i = from; i < from + lanes; i += D.length()) {
      DoubleVector a0 = load(re, i);
      DoubleVector b0 = load(im, i);
      DoubleVector a1 = load(re, i + s);
      DoubleVector b1 = load(im, i + s);
      DoubleVector a2 = load(re, i + 2 * s);
      DoubleVector b2 = load(im, i + 2 * s);
      DoubleVector a3 = load(re, i + 3 * s);
      DoubleVector b3 = load(im, i + 3 * s);
      DoubleVector x0 = a0.add(a2);
      DoubleVector y0 = b0.add(b2);
      DoubleVector x1 = a0.sub(a2);
      DoubleVector y1 = b0.sub(b2);
      DoubleVector x2 = a1.add(a3);
      DoubleVector y2 = b1.add(b3);
      DoubleVector x3 = b1.sub(b3);
      DoubleVector y3 = a3.sub(a1);
      x0.add(x2).intoArray(re, i);
      y0.add(y2).intoArray(im, i);
      turn(x1.add(x3), y1.add(y3), c1, s1, re, im, i + s);
      turn(x0.sub(x2), y0.sub(y2), c2, s2, re, im, i + 2 * s);
      turn(x1.sub(x3), y1.sub(y3), c3, s3, re, im, i + 3 * s);
    }
  }

  /** The butterflies of row 0, whose twiddle factors are 1. */
  private static void radix4(double[] re, double[] im, int from, int s, int lanes) {
    for (int i = from; i < from + lanes; i += D.length()) {
      DoubleVector a0 = load(re, i);
      DoubleVector b0 = load(im, i);
      DoubleVector a1 = load(re, i + s);
      DoubleVector b1 = load(im, i + s);
      DoubleVector a2 = load(re, i + 2 * s);
      DoubleVector b2 = load(im, i + 2 * s);
      DoubleVector a3 = load(re, i + 3 * s);
      DoubleVector b3 = load(im, i + 3 * s);
      DoubleVector x0 = a0.add(a2);
      DoubleVector y0 = b0.add(b2);
      DoubleVector x1 = a0.sub(a2);
      DoubleVector y1 = b0.sub(b2);
      DoubleVector x2 = a1.add(a3);
      DoubleVector y2 = b1.add(b3);
      DoubleVector x3 = b1.sub(b3);
      DoubleVector y3 = a3.sub(a1);
      x0.add(x2).intoArray(re, i);
      y0.add(y2).intoArray(im, i);
      x1.add(x3).intoArray(re, i + s);
      y1.add(y3).intoArray(im, i + s);
      x0.sub(x2).intoArray(re, i + 2 * s);
      y0.sub(y2).intoArray(im, i + 2 * s);
      x1.sub(x3).intoArray(re, i + 3 * s);
      y1.sub(y3).intoArray(im, i + 3 * s);
    }
  }

  @Override
  public void radix2(double[] re, double[] im, int from, int s, int lanes, double c, double w) {
    for (int i = from; i < from + lanes; i += D.length()) {
      DoubleVector a0 = load(re, i);
      DoubleVector b0 = load(im, i);
      DoubleVector a1 = load(re, i + s);
      DoubleVector b1 = load(im, i + s);
      a0.add(a1).intoArray(re, i);
      b0.add(b1).intoArray(im, i);
      turn(a0.sub(a1), b0.sub(b1), c, w, re, im, i + s);
    }
  }

  @Override
  public void radix2OfZero(
      double[] re, double[] im, int from, int s, int lanes, double c, double w) {
    for (int i = from; i < from + lanes; i += D.length()) {
      turn(load(re, i), load(im, i), c, w, re, im, i + s);
    }
  }

  /** Stores {@code (u + iv) (c + iw)}. */
  private static void turn(
      DoubleVector u, DoubleVector v, double c, double w, double[] re, double[] im, int to) {
    u.mul(c).sub(v.mul(w)).intoArray(re, to);
    u.mul(w).add(v.mul(c)).intoArray(im, to);
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
    for (int i = 0; i < lanes; i += D.length()) {
      DoubleVector ar = load(re, a + i);
      DoubleVector ai = load(im, a + i);
      DoubleVector br = load(re, b + i);
      DoubleVector bi = load(im, b + i);
      DoubleVector er = ar.add(br);
      DoubleVector ei = ai.sub(bi);
      DoubleVector or = ai.add(bi);
      DoubleVector oi = br.sub(ar);
      DoubleVector tr = or.mul(wr).sub(oi.mul(wi));
      DoubleVector ti = or.mul(wi).add(oi.mul(wr));
      square(er.add(tr), ei.add(ti)).intoArray(re, a + i);
      square(er.sub(tr), ei.sub(ti)).intoArray(im, a + i);
    }
    narrow(re, a, low, to, lanes);
    narrow(im, a, high, to, lanes);
  }

  private static DoubleVector square(DoubleVector re, DoubleVector im) {
    return re.mul(re).add(im.mul(im)).mul(0.25);
  }

  private static void narrow(double[] x, int from, float[] y, int to, int n) {
    for (int i = 0; i < n; i++) {
      y[to + i] = (float) x[from + i];
    }
  }
}
