package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Normalization;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) of x [N, C, ..] with gamma [C] and beta [C]: {@code
 * y = gamma (x - mean) / sqrt(variance + eps) + beta}, with the statistics of this batch in
 * training, or with the running ones.
 *
 * @param eps added to the variance
 * @param running where statistics are kept between batches
 * @param training whether this batch's statistics are used, and the running ones updated
 */
public record BatchNormalization(double eps, Running running, boolean training) implements Op {
  /**
   * Statistics kept between batches: {@code running = (1 - momentum) running + momentum batch}, the
   * variance unbiased (PyTorch's convention; ONNX keeps the biased one).
   *
   * @param mean [C]; modified in training
   * @param variance [C]; modified in training
   */
  public record Running(Array mean, Array variance, double momentum) {
    /** Takes in the statistics of a batch; {@code count} elements per channel. */
    public void update(Array batchMean, Array batchVariance, int count) {
      double unbiased = (double) count / (count - 1);
      blend(mean, batchMean, 1);
      blend(variance, batchVariance, unbiased);
    }

    private void blend(Array into, Array batch, double factor) {
      Elementwise e = Kernels.of(into).elementwise();
      into.assign(
          e.add(
              e.affine(into, 1 - momentum, 0),
              e.affine(batch.cast(into.type()), momentum * factor, 0)));
    }
  }

  @Override
  public Shape infer(Shape... in) {
    Shape x = in[0];
    if (x.rank() < 2) {
      throw ShapeException.expected("batchNorm", "input", "[N, C, ..]", x);
    }
    ShapeException.requireRank("batchNorm", "gamma", "[C]", 1, in[1]);
    if (x.dim(1) != in[1].dim(0)) {
      throw ShapeException.mismatch("batchNorm", "channels", "input", x, 1, "gamma", in[1], 0);
    }
    ShapeException.requireShape("batchNorm", "beta", in[1], in[2]);
    if (training && x.size() / x.dim(1) < 2) {
      throw new ShapeException(
          "batchNorm: training needs more than one value per channel, got " + x);
    }
    return x;
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = in[0];
    Normalization k = Kernels.of(x).normalization();
    if (!training) {
      Array mean = running.mean().cast(x.type());
      Array variance = running.variance().cast(x.type());
      ctx.save(x, in[1], mean, variance);
      return k.normalize(x, in[1], in[2], mean, variance, eps);
    }
    Normalization.Result r = k.batchNorm(x, in[1], in[2], eps);
    running.update(r.mean(), r.variance(), x.size() / x.shape().dim(1));
    ctx.save(x, in[1], r.mean(), r.variance());
    return r.y();
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Array x = ctx.saved(0);
    Array gamma = ctx.saved(1);
    Array mean = ctx.saved(2);
    Array variance = ctx.saved(3);
    Normalization k = Kernels.of(g).normalization();
    if (training) {
      Normalization.Gradients r = k.batchNormGradient(x, gamma, mean, variance, eps, g);
      grads.add(0, r::x);
      grads.add(1, r::gamma);
      grads.add(2, r::beta);
      return;
    }
    Elementwise e = Kernels.of(g).elementwise();
    Array zero = Array.zeros(g.type(), gamma.shape());
    Array one = Array.full(g.type(), gamma.shape(), 1);
    grads.add(0, () -> k.normalize(g, gamma, zero, zero, variance, eps));
    grads.add(1, () -> perChannel(e.mul(g, k.normalize(x, one, zero, mean, variance, eps))));
    grads.add(2, () -> perChannel(g));
  }

  private static Array perChannel(Array g) {
    Shape s = g.shape();
    Array threeAxes = g.reshape(Shape.of(s.dim(0), s.dim(1), s.size(2, s.rank())));
    return Kernels.of(g).elementwise().sum(threeAxes, 0, 2).reshape(Shape.of(s.dim(1)));
  }
}
