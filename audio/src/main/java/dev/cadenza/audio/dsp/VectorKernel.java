package dev.cadenza.audio.dsp;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link PortableKernel}'s loops with the Vector API; needs {@code --add-modules
 * jdk.incubator.vector}.
 *
 * <p>Vectors of floats have the width of all others, though doubles fill but half of one. With a
 * second kind of them about, the compiler of Java 17 gives up on vectors of floats elsewhere: the
 * {@link Resampler} took 10 ms for 0.5 in one JVM out of two.
 *
 * <p>No method takes or returns a vector, however often the same few lines stand here: where such a
 * method was compiled before those that call it, they do not inline it, and every vector they hand
 * over comes from the heap, for as long as the JVM lives.
 */
final class VectorKernel implements LaneKernel {
  private static final VectorSpecies<Double> D = DoubleVector.SPECIES_PREFERRED;

  private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;

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
      DoubleVector a0 = DoubleVector.fromArray(D, re, i);
      DoubleVector b0 = DoubleVector.fromArray(D, im, i);
      DoubleVector a1 = DoubleVector.fromArray(D, re, i + s);
      DoubleVector b1 = DoubleVector.fromArray(D, im, i + s);
      DoubleVector a2 = DoubleVector.fromArray(D, re, i + 2 * s);
      DoubleVector b2 = DoubleVector.fromArray(D, im, i + 2 * s);
      DoubleVector a3 = DoubleVector.fromArray(D, re, i + 3 * s);
      DoubleVector b3 = DoubleVector.fromArray(D, im, i + 3 * s);
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
      DoubleVector u = x1.add(x3);
      DoubleVector v = y1.add(y3);
      u.mul(c1).sub(v.mul(s1)).intoArray(re, i + s);
      u.mul(s1).add(v.mul(c1)).intoArray(im, i + s);
      u = x0.sub(x2);
      v = y0.sub(y2);
      u.mul(c2).sub(v.mul(s2)).intoArray(re, i + 2 * s);
      u.mul(s2).add(v.mul(c2)).intoArray(im, i + 2 * s);
      u = x1.sub(x3);
      v = y1.sub(y3);
      u.mul(c3).sub(v.mul(s3)).intoArray(re, i + 3 * s);
      u.mul(s3).add(v.mul(c3)).intoArray(im, i + 3 * s);
    }
  }

  /** The butterflies of row 0, whose twiddle factors are 1. */
  private static void radix4(double[] re, double[] im, int from, int s, int lanes) {
    for (int i = from; i < from + lanes; i += D.length()) {
      DoubleVector a0 = DoubleVector.fromArray(D, re, i);
      DoubleVector b0 = DoubleVector.fromArray(D, im, i);
      DoubleVector a1 = DoubleVector.fromArray(D, re, i + s);
      DoubleVector b1 = DoubleVector.fromArray(D, im, i + s);
      DoubleVector a2 = DoubleVector.fromArray(D, re, i + 2 * s);
      DoubleVector b2 = DoubleVector.fromArray(D, im, i + 2 * s);
      DoubleVector a3 = DoubleVector.fromArray(D, re, i + 3 * s);
      DoubleVector b3 = DoubleVector.fromArray(D, im, i + 3 * s);
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
      DoubleVector a0 = DoubleVector.fromArray(D, re, i);
      DoubleVector b0 = DoubleVector.fromArray(D, im, i);
      DoubleVector a1 = DoubleVector.fromArray(D, re, i + s);
      DoubleVector b1 = DoubleVector.fromArray(D, im, i + s);
      a0.add(a1).intoArray(re, i);
      b0.add(b1).intoArray(im, i);
      DoubleVector u = a0.sub(a1);
      DoubleVector v = b0.sub(b1);
      u.mul(c).sub(v.mul(w)).intoArray(re, i + s);
      u.mul(w).add(v.mul(c)).intoArray(im, i + s);
    }
  }

  @Override
  public void radix2OfZero(
      double[] re, double[] im, int from, int s, int lanes, double c, double w) {
    for (int i = from; i < from + lanes; i += D.length()) {
      DoubleVector u = DoubleVector.fromArray(D, re, i);
      DoubleVector v = DoubleVector.fromArray(D, im, i);
      u.mul(c).sub(v.mul(w)).intoArray(re, i + s);
      u.mul(w).add(v.mul(c)).intoArray(im, i + s);
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
    int last = lanes - D.length();
    for (int i = 0; i < lanes; i += D.length()) {
      DoubleVector ar = DoubleVector.fromArray(D, re, a + i);
      DoubleVector ai = DoubleVector.fromArray(D, im, a + i);
      DoubleVector br = DoubleVector.fromArray(D, re, b + i);
      DoubleVector bi = DoubleVector.fromArray(D, im, b + i);
      DoubleVector er = ar.add(br);
      DoubleVector ei = ai.sub(bi);
      DoubleVector or = ai.add(bi);
      DoubleVector oi = br.sub(ar);
      DoubleVector tr = or.mul(wr).sub(oi.mul(wi));
      DoubleVector ti = or.mul(wi).add(oi.mul(wr));
      DoubleVector u = er.add(tr);
      DoubleVector v = ei.add(ti);
      DoubleVector p = u.mul(u).add(v.mul(v)).mul(0.25);
      u = er.sub(tr);
      v = ei.sub(ti);
      DoubleVector q = u.mul(u).add(v.mul(v)).mul(0.25);
      if (i < last) { // the other half of a vector of floats is overwritten by the next
        ((FloatVector) p.convertShape(VectorOperators.D2F, F, 0)).intoArray(low, to + i);
        ((FloatVector) q.convertShape(VectorOperators.D2F, F, 0)).intoArray(high, to + i);
      } else {
        p.intoArray(re, a + i);
        q.intoArray(im, a + i);
      }
    }
    for (int i = last; i < lanes; i++) {
      low[to + i] = (float) re[a + i];
      high[to + i] = (float) im[a + i];
    }
  }
}
