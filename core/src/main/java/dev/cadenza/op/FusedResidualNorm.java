package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Fused;
import dev.cadenza.kernel.Normalization;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;

/**
 * The end of a transformer's residual branch in one op: x [.., E], branch [.., E], gamma [E], beta
 * [E], value {@code layerNorm(x + dropout(branch))}. Defined by {@link DropElements}, {@link Add}
 * and {@link LayerNormalization}.
 */
public record FusedResidualNorm(double eps, double p, long seed) implements FusedOp {
  private record Saved(Array[] in, Normalization.Result result) {}

  @Override
  public Shape infer(Shape... in) {
    ShapeException.requireShape("residualNorm", "branch", in[0], in[1]);
    return new LayerNormalization(eps).infer(in[0], in[2], in[3]);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Normalization.Result r =
        FusedOp.kernels(in[0])
            .residualNorm(FusedOp.rows(in[0]), FusedOp.rows(in[1]), in[2], in[3], eps, p, seed);
    ctx.keep(new Saved(in, r));
    return r.y().reshape(in[0].shape());
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Saved s = ctx.kept(Saved.class);
    Array[] in = s.in();
    Fused.ResidualNormGradients r =
        FusedOp.kernels(g)
            .residualNormGradient(
                FusedOp.rows(in[0]),
                FusedOp.rows(in[1]),
                in[2],
                s.result(),
                eps,
                p,
                seed,
                FusedOp.rows(g));
    grads.add(0, () -> r.x().reshape(g.shape()));
    grads.add(1, () -> r.branch().reshape(g.shape()));
    grads.add(2, r::gamma);
    grads.add(3, r::beta);
  }
}
