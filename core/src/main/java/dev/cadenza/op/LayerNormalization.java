package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Normalization;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;

/**
 * Layer normalisation (Ba, Kiros and Hinton 2016) over the last axis: x [.., E], gamma [E], beta
 * [E], {@code y = gamma (x - mean) / sqrt(variance + eps) + beta} with the biased variance of each
 * row.
 */
public record LayerNormalization(double eps) implements Op {
  @Override
  public Shape infer(Shape... in) {
    Shape x = in[0];
    if (x.rank() < 1) {
      throw ShapeException.expected("layerNorm", "input", "[.., E]", x);
    }
    ShapeException.requireRank("layerNorm", "gamma", "[E]", 1, in[1]);
    if (x.dim(-1) != in[1].dim(0)) {
      throw ShapeException.mismatch("layerNorm", "features", "input", x, -1, "gamma", in[1], 0);
    }
    ShapeException.requireShape("layerNorm", "beta", in[1], in[2]);
    return x;
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = rows(in[0], in[1]);
    Normalization.Result r = Kernels.of(x).normalization().layerNorm(x, in[1], in[2], eps);
    ctx.save(x, in[1], r.mean(), r.variance());
    return r.y().reshape(in[0].shape());
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Array gamma = ctx.saved(1);
    Normalization.Gradients r =
        Kernels.of(g)
            .normalization()
            .layerNormGradient(
                ctx.saved(0), gamma, ctx.saved(2), ctx.saved(3), eps, rows(g, gamma));
    grads.add(0, () -> r.x().reshape(g.shape()));
    grads.add(1, r::gamma);
    grads.add(2, r::beta);
  }

  private static Array rows(Array x, Array gamma) {
    return x.reshape(Shape.of(x.size() / Math.max(1, gamma.size()), gamma.size()));
  }
}
