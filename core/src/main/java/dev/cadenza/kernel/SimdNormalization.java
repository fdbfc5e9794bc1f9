package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import java.util.function.IntConsumer;

/** {@link Normalization} a channel's plane, or a tile of rows, at a time. */
final class SimdNormalization implements Normalization {
  private static final int X = 0;
  private static final int G = 1;

  @Override
  public Result batchNorm(Array x, Array gamma, Array beta, double eps) {
    Planes p = new Planes(x.shape());
    double[] mean = new double[p.channels];
    double[] variance = new double[p.channels];
    p.forEachChannel(
        c -> {
          Scratch scratch = Scratch.mine();
          double sum = 0;
          for (int n = 0; n < p.batch; n++) {
            sum += SimdRows.sum(p.read(x, n, c, 0, scratch, X), 0, p.area);
          }
          float centre = (float) (sum / p.count());
          double differences = 0;
          double squares = 0;
          for (int n = 0; n < p.batch; n++) {
            float[] v = p.read(x, n, c, centre, scratch, X);
            differences += SimdRows.sumOfDifferences(v, 0, p.area, centre);
            squares += SimdRows.sumOfSquares(v, 0, p.area, centre);
          }
          double rest = differences / p.count();
          mean[c] =
              centre + rest; // of equal values the value itself, whatever rounding the sum had
          variance[c] = squares / p.count() - rest * rest;
        });
    Array m = array(mean);
    Array v = array(variance);
    return new Result(normalize(x, gamma, beta, m, v, eps), m, v);
  }

  private static Array array(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return Array.of(narrow, Shape.of(narrow.length));
  }

  @Override
  public Array normalize(Array x, Array gamma, Array beta, Array mean, Array variance, double eps) {
    Planes p = new Planes(x.shape());
    float[] scale = gamma.toFloatArray();
    float[] shift = beta.toFloatArray();
    float[] centre = mean.toFloatArray();
    float[] inverse = inverse(variance, eps);
    Array y = Array.uninitialized(DType.FLOAT32, x.shape());
    p.forEachChannel(
        c -> {
          Scratch scratch = Scratch.mine();
          for (int n = 0; n < p.batch; n++) {
            float[] v = p.read(x, n, c, 0, scratch, X);
            // Centring first keeps the digits that a large mean would cost.
            SimdRows.affine(v, 0, p.area, 1, -centre[c]);
            SimdRows.affine(v, 0, p.area, scale[c] * inverse[c], shift[c]);
            p.write(v, y, n, c);
          }
        });
    return y;
  }

  private static float[] inverse(Array variance, double eps) {
    float[] inverse = variance.toFloatArray();
    for (int i = 0; i < inverse.length; i++) {
      inverse[i] = (float) (1 / Math.sqrt(inverse[i] + eps));
    }
    return inverse;
  }

  @Override
  public Gradients batchNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Planes p = new Planes(x.shape());
    float[] scale = gamma.toFloatArray();
    float[] centre = mean.toFloatArray();
    float[] inverse = inverse(variance, eps);
    double[] gGamma = new double[p.channels];
    double[] gBeta = new double[p.channels];
    Array gx = Array.uninitialized(DType.FLOAT32, x.shape());
    p.forEachChannel(
        c -> {
          Scratch scratch = Scratch.mine();
          for (int n = 0; n < p.batch; n++) {
            float[] xhat = p.read(x, n, c, centre[c], scratch, X);
            float[] gs = p.read(g, n, c, 0, scratch, G);
            SimdRows.affine(xhat, 0, p.area, 1, -centre[c]);
            gBeta[c] += SimdRows.sum(gs, 0, p.area);
            gGamma[c] += SimdRows.dot(gs, xhat, p.area) * inverse[c];
          }
          float slope = (float) (-scale[c] * inverse[c] * inverse[c] * gGamma[c] / p.count());
          float offset = (float) (-scale[c] * inverse[c] * gBeta[c] / p.count());
          for (int n = 0; n < p.batch; n++) {
            float[] xhat = p.read(x, n, c, centre[c], scratch, X);
            float[] gs = p.read(g, n, c, 0, scratch, G);
            SimdRows.affine(xhat, 0, p.area, 1, -centre[c]);
            SimdRows.affine(xhat, 0, p.area, slope, offset);
            SimdRows.affine(gs, 0, p.area, scale[c] * inverse[c], 0);
            SimdRows.add(xhat, 0, gs, 0, p.area);
            p.write(xhat, gx, n, c);
          }
        });
    return new Gradients(gx, array(gGamma), array(gBeta));
  }

  @Override
  public Result layerNorm(Array x, Array gamma, Array beta, double eps) {
    return new SimdResidualNorm(x, null, 0, 0).forward(gamma, beta, eps);
  }

  @Override
  public Gradients layerNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Result result = new Result(x, mean, variance);
    Fused.ResidualNormGradients r =
        new SimdResidualNorm(x, null, 0, 0).gradient(gamma, result, eps, g);
    return new Gradients(r.x(), r.gamma(), r.beta());
  }

  /** An array as planes [batch, channels, area]. */
  private static final class Planes {
    private final int batch;
    private final int channels;
    private final int area;

    Planes(Shape s) {
      this.batch = s.dim(0);
      this.channels = s.dim(1);
      this.area = s.size(2, s.rank());
    }

    double count() {
      return (double) batch * area;
    }

    void forEachChannel(IntConsumer body) {
      Threads.parallelFor(channels, body);
    }

    /** A plane whose tail, up to a whole vector, holds {@code filler}. */
    float[] read(Array x, int n, int c, float filler, Scratch scratch, int slot) {
      float[] v = scratch.floats(slot, area + LANES);
      x.read((n * channels + c) * area, v, 0, area);
      Arrays.fill(v, area, area + LANES, filler);
      return v;
    }

    void write(float[] v, Array y, int n, int c) {
      y.write((n * channels + c) * area, v, 0, area);
    }
  }
}
