package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;

/** {@link Normalization} composed of element-wise operations and sums. */
final class PortableNormalization implements Normalization {
  private final Elementwise e;

  PortableNormalization(Elementwise elementwise) {
    this.e = elementwise;
  }

  @Override
  public Result batchNorm(Array x, Array gamma, Array beta, double eps) {
    Shape channel = gamma.shape();
    Result r = normalized(threeAxes(x), perChannel(gamma), perChannel(beta), eps, 0, 2);
    return new Result(
        r.y().reshape(x.shape()), r.mean().reshape(channel), r.variance().reshape(channel));
  }

  @Override
  public Gradients batchNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Gradients r =
        gradients(
            threeAxes(x),
            perChannel(gamma),
            perChannel(mean),
            perChannel(variance),
            eps,
            threeAxes(g),
            new int[] {0, 2},
            new int[] {0, 2});
    return new Gradients(
        r.x().reshape(x.shape()),
        r.gamma().reshape(gamma.shape()),
        r.beta().reshape(gamma.shape()));
  }

  @Override
  public Array normalize(Array x, Array gamma, Array beta, Array mean, Array variance, double eps) {
    Array scale = e.div(gamma, e.sqrt(e.affine(variance, 1, eps)));
    Array centred = e.sub(threeAxes(x), perChannel(mean));
    return e.add(e.mul(centred, perChannel(scale)), perChannel(beta)).reshape(x.shape());
  }

  @Override
  public Result layerNorm(Array x, Array gamma, Array beta, double eps) {
    Shape rows = Shape.of(x.shape().dim(0));
    Result r = normalized(x, gamma, beta, eps, 1);
    return new Result(r.y(), r.mean().reshape(rows), r.variance().reshape(rows));
  }

  @Override
  public Gradients layerNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Shape column = Shape.of(x.shape().dim(0), 1);
    Gradients r =
        gradients(
            x,
            gamma,
            mean.reshape(column),
            variance.reshape(column),
            eps,
            g,
            new int[] {1},
            new int[] {0});
    return new Gradients(r.x(), r.gamma().reshape(gamma.shape()), r.beta().reshape(gamma.shape()));
  }

  /** Statistics are taken in two passes: the variance is that of the centred values. */
  private Result normalized(Array x, Array gamma, Array beta, double eps, int... axes) {
    Array nearly = mean(x, axes);
    Array mean = e.add(nearly, mean(e.sub(x, nearly), axes)); // of equal values the value itself
    Array centred = e.sub(x, mean);
    Array variance = mean(e.mul(centred, centred), axes);
    Array xhat = e.div(centred, e.sqrt(e.affine(variance, 1, eps)));
    return new Result(e.add(e.mul(xhat, gamma), beta), mean, variance);
  }

  /** With h = g gamma: gx = (h - mean(h) - xhat mean(h xhat)) / sqrt(variance + eps). */
  private Gradients gradients(
      Array x,
      Array gamma,
      Array mean,
      Array variance,
      double eps,
      Array g,
      int[] statisticAxes,
      int[] parameterAxes) {
    Array deviation = e.sqrt(e.affine(variance, 1, eps));
    Array xhat = e.div(e.sub(x, mean), deviation);
    Array gXhat = e.mul(g, xhat);
    Array h = e.mul(g, gamma);
    Array centred =
        e.sub(
            e.sub(h, mean(h, statisticAxes)),
            e.mul(xhat, mean(e.mul(gXhat, gamma), statisticAxes)));
    return new Gradients(
        e.div(centred, deviation), e.sum(gXhat, parameterAxes), e.sum(g, parameterAxes));
  }

  private Array mean(Array x, int... axes) {
    Array sum = e.sum(x, axes);
    return e.affine(sum, (double) sum.size() / x.size(), 0);
  }

  private static Array threeAxes(Array x) {
    Shape s = x.shape();
    return x.reshape(Shape.of(s.dim(0), s.dim(1), s.size(2, s.rank())));
  }

  private static Array perChannel(Array c) {
    return c.reshape(Shape.of(1, c.size(), 1));
  }
}
