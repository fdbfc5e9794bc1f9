package dev.cadenza.audio.dsp;

import java.util.Arrays;

/** The kernel as plain loops. */
final class PortableKernel implements LaneKernel {

  @Override
  public void radix4(
      double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin) {
    int quarter = n / 4;
    int step = cos.length / n;
    int s = quarter * lanes;
    for (int k = 0; k < quarter; k++) {
      int t = k * step;
      double c1 = cos[t];
      double s1 = sin[t];
      double c2 = cos[2 * t];
      double s2 = sin[2 * t];
      double c3 = cos[3 * t];
      double s3 = sin[3 * t];
      int from = (first + k) * lanes;
      for (int i = from; i < from + lanes; i++) {
        double x0 = re[i] + re[i + 2 * s];
        double y0 = im[i] + im[i + 2 * s];
        double x1 = re[i] - re[i + 2 * s];
        double y1 = im[i] - im[i + 2 * s];
        double x2 = re[i + s] + re[i + 3 * s];
        double y2 = im[i + s] + im[i + 3 * s];
        // times -i
        double x3 = im[i + s] - im[i + 3 * s];
        double y3 = re[i + 3 * s] - re[i + s];
        re[i] = x0 + x2;
        im[i] = y0 + y2;
        double u = x1 + x3;
        double v = y1 + y3;
        re[i + s] = u * c1 - v * s1;
        im[i + s] = u * s1 + v * c1;
        u = x0 - x2;
        v = y0 - y2;
        re[i + 2 * s] = u * c2 - v * s2;
        im[i + 2 * s] = u * s2 + v * c2;
        u = x1 - x3;
        v = y1 - y3;
        re[i + 3 * s] = u * c3 - v * s3;
        im[i + 3 * s] = u * s3 + v * c3;
      }
    }
  }

  @Override
  public void radix2(
      double[] re, double[] im, int first, int n, int lanes, double[] cos, double[] sin) {
    int half = n / 2;
    int step = cos.length / n;
    int s = half * lanes;
    for (int k = 0; k < half; k++) {
      double c = cos[k * step];
      double w = sin[k * step];
      int from = (first + k) * lanes;
      for (int i = from; i < from + lanes; i++) {
        double u = re[i] - re[i + s];
        double v = im[i] - im[i + s];
        re[i] += re[i + s];
        im[i] += im[i + s];
        re[i + s] = u * c - v * w;
        im[i + s] = u * w + v * c;
      }
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
    for (int i = 0; i < lanes; i++) {
      double ar = re[a + i];
      double ai = im[a + i];
      double br = re[b + i];
      double bi = im[b + i];
      // Twice the transforms of the even samples, e, and of the odd ones, o.
      double er = ar + br;
      double ei = ai - bi;
      double or = ai + bi;
      double oi = br - ar;
      double tr = or * wr - oi * wi;
      double ti = or * wi + oi * wr;
      low[to + i] = (float) (0.25 * ((er + tr) * (er + tr) + (ei + ti) * (ei + ti)));
      high[to + i] = (float) (0.25 * ((er - tr) * (er - tr) + (ei - ti) * (ei - ti)));
    }
  }

  @Override
  public void weightedSum(float[] w, float[][] x, int first, float[] y, int n) {
    weightedSum(w, x, first, y, 0, n);
  }

  /** The same for i in [from, n). */
  static void weightedSum(float[] w, float[][] x, int first, float[] y, int from, int n) {
    Arrays.fill(y, from, n, 0);
    int j = 0;
    // Eight at a time: the running sum is loaded, rounded and stored an eighth as often.
    for (; j + 7 < w.length; j += 8) {
      addEight(w, j, x, first + j, y, from, n);
    }
    for (; j + 1 < w.length; j += 2) {
      addTwo(w[j], x[first + j], w[j + 1], x[first + j + 1], y, from, n);
    }
    if (j < w.length) {
      addTwo(w[j], x[first + j], 0, x[first + j], y, from, n);
    }
  }

  private static void addEight(float[] w, int j, float[][] x, int k, float[] y, int from, int n) {
    float w0 = w[j];
    float w1 = w[j + 1];
    float w2 = w[j + 2];
    float w3 = w[j + 3];
    float w4 = w[j + 4];
    float w5 = w[j + 5];
    float w6 = w[j + 6];
    float w7 = w[j + 7];
    float[] x0 = x[k];
    float[] x1 = x[k + 1];
    float[] x2 = x[k + 2];
    float[] x3 = x[k + 3];
    float[] x4 = x[k + 4];
    float[] x5 = x[k + 5];
    float[] x6 = x[k + 6];
    float[] x7 = x[k + 7];
    for (int i = from; i < n; i++) {
      y[i] +=
          ((w0 * x0[i] + w1 * x1[i]) + (w2 * x2[i] + w3 * x3[i]))
              + ((w4 * x4[i] + w5 * x5[i]) + (w6 * x6[i] + w7 * x7[i]));
    }
  }

  private static void addTwo(
      float w0, float[] x0, float w1, float[] x1, float[] y, int from, int n) {
    for (int i = from; i < n; i++) {
      y[i] += w0 * x0[i] + w1 * x1[i];
    }
  }

  @Override
  public void scaledLog(float[] x, int n, float floor, double scale) {
    LogPolynomial p = new LogPolynomial(scale);
    for (int i = 0; i < n; i++) {
      x[i] = p.of(Math.max(floor, x[i]));
    }
  }
}
