package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;

/**
 * {@link Normalization}: over a batch by loops over tiles of doubles, over rows composed of
 * element-wise operations and sums.
 */
final class PortableNormalization implements Normalization {
  private static final int TILE = PortableElementwise.TILE;
  private static final int X = 0;
  private static final int G = 1;

  private final Elementwise e;

  PortableNormalization(Elementwise elementwise) {
    this.e = elementwise;
  }

  /**
   * Statistics are taken in one pass, of what differs from the mean of the first tile. That mean is
   * at most {@code sqrt(tiles)} standard deviations from the mean of all, so that the variance
   * loses no more than {@code tiles} roundings of a double.
   */
  @Override
  public Result batchNorm(Array x, Array gamma, Array beta, double eps) {
    Array y = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] shift = beta.toDoubleArray();
    double[] mean = new double[scale.length];
    double[] variance = new double[scale.length];
    double terms = (double) x.size() / scale.length;
    Threads.parallelFor(
        scale.length,
        c -> {
          double[] in = Scratch.mine().doubles(X, TILE);
          double[] total = new double[2];
          double nearly = meanOfFirstTile(x, c, in);
          forEachTile(
              x.shape(),
              c,
              (from, n) -> {
                x.read(from, in, 0, n);
                subtract(in, nearly, n);
                total[0] += PortableElementwise.sum(in, n);
                multiply(in, in, n);
                total[1] += PortableElementwise.sum(in, n);
              });
          double rest = total[0] / terms;
          mean[c] = nearly + rest;
          variance[c] = Math.max(0, total[1] / terms - rest * rest);
          normalize(x, y, c, mean[c], scale[c] / Math.sqrt(variance[c] + eps), shift[c]);
        });
    Shape channels = gamma.shape();
    return new Result(
        y, Array.of(mean, channels).cast(x.type()), Array.of(variance, channels).cast(x.type()));
  }

  /** With h = g gamma: gx = (h - mean(h) - xhat mean(h xhat)) / sqrt(variance + eps). */
  @Override
  public Gradients batchNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Array gx = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] centre = mean.toDoubleArray();
    double[] spread = variance.toDoubleArray();
    double[] gGamma = new double[scale.length];
    double[] gBeta = new double[scale.length];
    double terms = (double) x.size() / scale.length;
    Threads.parallelFor(
        scale.length,
        c -> {
          double[] in = Scratch.mine().doubles(X, TILE);
          double[] gy = Scratch.mine().doubles(G, TILE);
          double[] total = new double[2];
          forEachTile(
              x.shape(),
              c,
              (from, n) -> {
                x.read(from, in, 0, n);
                g.read(from, gy, 0, n);
                subtract(in, centre[c], n);
                total[0] += PortableElementwise.sum(gy, n);
                multiply(in, gy, n);
                total[1] += PortableElementwise.sum(in, n);
              });
          double inverse = 1 / Math.sqrt(spread[c] + eps);
          gBeta[c] = total[0];
          gGamma[c] = total[1] * inverse;
          double meanG = gBeta[c] / terms;
          double slope = gGamma[c] * inverse / terms;
          forEachTile(
              x.shape(),
              c,
              (from, n) -> {
                x.read(from, in, 0, n);
                g.read(from, gy, 0, n);
                for (int i = 0; i < n; i++) {
                  gy[i] = (gy[i] - meanG - (in[i] - centre[c]) * slope) * (scale[c] * inverse);
                }
                gx.write(from, gy, 0, n);
              });
        });
    Shape channels = gamma.shape();
    return new Gradients(
        gx, Array.of(gGamma, channels).cast(x.type()), Array.of(gBeta, channels).cast(x.type()));
  }

  @Override
  public Array normalize(Array x, Array gamma, Array beta, Array mean, Array variance, double eps) {
    Array y = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] shift = beta.toDoubleArray();
    double[] centre = mean.toDoubleArray();
    double[] spread = variance.toDoubleArray();
    Threads.parallelFor(
        scale.length,
        c -> normalize(x, y, c, centre[c], scale[c] / Math.sqrt(spread[c] + eps), shift[c]));
    return y;
  }

  private static void normalize(Array x, Array y, int c, double mean, double scale, double shift) {
    double[] in = Scratch.mine().doubles(X, TILE);
    forEachTile(
        x.shape(),
        c,
        (from, n) -> {
          x.read(from, in, 0, n);
          for (int i = 0; i < n; i++) {
            in[i] = (in[i] - mean) * scale + shift;
          }
          y.write(from, in, 0, n);
        });
  }

  private static double meanOfFirstTile(Array x, int c, double[] in) {
    int plane = x.shape().size(2, x.shape().rank());
    int n = x.size() == 0 ? 0 : Math.min(TILE, plane);
    x.read(c * plane, in, 0, n);
    return PortableElementwise.sum(in, n) / n;
  }

  private interface Tile {
    void at(int from, int n);
  }

  /** Calls {@code body} for all numbers of channel {@code c} of an array [N, C, ..], in order. */
  private static void forEachTile(Shape shape, int c, Tile body) {
    int plane = shape.size(2, shape.rank());
    for (int image = 0; image < shape.dim(0); image++) {
      int start = (image * shape.dim(1) + c) * plane;
      for (int i = 0; i < plane; i += TILE) {
        body.at(start + i, Math.min(TILE, plane - i));
      }
    }
  }

  private static void subtract(double[] a, double b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] -= b;
    }
  }

  private static void multiply(double[] a, double[] b, int n) {
    for (int i = 0; i < n; i++) {
      a[i] *= b[i];
    }
  }

  /** Statistics are taken in two passes: the variance is that of the centred values. */
  @Override
  public Result layerNorm(Array x, Array gamma, Array beta, double eps) {
    Shape rows = Shape.of(x.shape().dim(0));
    Array nearly = mean(x);
    Array mean = e.add(nearly, mean(e.sub(x, nearly))); // of equal values the value itself
    Array centred = e.sub(x, mean);
    Array variance = mean(e.mul(centred, centred));
    Array xhat = e.div(centred, deviation(variance, eps));
    return new Result(e.add(e.mul(xhat, gamma), beta), mean.reshape(rows), variance.reshape(rows));
  }

  @Override
  public Gradients layerNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Shape column = Shape.of(x.shape().dim(0), 1);
    Array deviation = deviation(variance.reshape(column), eps);
    Array xhat = e.div(e.sub(x, mean.reshape(column)), deviation);
    Array gXhat = e.mul(g, xhat);
    Array h = e.mul(g, gamma);
    Array centred = e.sub(e.sub(h, mean(h)), e.mul(xhat, mean(e.mul(h, xhat))));
    return new Gradients(
        e.div(centred, deviation),
        e.sum(gXhat, 0).reshape(gamma.shape()),
        e.sum(g, 0).reshape(gamma.shape()));
  }

  private Array deviation(Array variance, double eps) {
    return e.sqrt(e.affine(variance, 1, eps));
  }

  /** Of each row. */
  private Array mean(Array x) {
    return e.affine(e.sum(x, 1), 1.0 / x.shape().dim(1), 0);
  }
}
