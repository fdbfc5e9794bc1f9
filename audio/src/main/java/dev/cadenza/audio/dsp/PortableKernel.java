package dev.cadenza.audio.dsp;

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
  public void radix2(double[] re, double[] im, int from, int s, int lanes, double c, double w) {
    for (int i = from; i < from + lanes; i++) {
      double u = re[i] - re[i + s];
      double v = im[i] - im[i + s];
      re[i] += re[i + s];
      im[i] += im[i + s];
      re[i + s] = u * c - v * w;
      im[i + s] = u * w + v * c;
    }
  }

  @Override
  public void radix2OfZero(
      double[] re, double[] im, int from, int s, int lanes, double c, double w) {
    for (int i = from; i < from + lanes; i++) {
      re[i + s] = re[i] * c - im[i] * w;
      im[i + s] = re[i] * w + im[i] * c;
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
}
