package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Fused;
import dev.cadenza.shape.Shape;
import java.util.function.UnaryOperator;

/**
 * The feed-forward part of a transformer layer in one op: x [.., E], w1 [H, E], b1 [H], w2 [E, H],
 * b2 [E], value {@code dropout(relu(x w1^T + b1)) w2^T + b2}. Defined by {@link LinearTransform},
 * {@link Relu}, {@link DropElements} and {@link LinearTransform}; the hidden layer never reaches
 * memory.
 */
public record FusedFeedForward(double p, long seed) implements FusedOp {
  @Override
  public Shape infer(Shape... in) {
    LinearTransform linear = new LinearTransform();
    return linear.infer(linear.infer(in[0], in[1], in[2]), in[3], in[4]);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in);
    return FusedOp.kernels(in[0])
        .feedForward(FusedOp.rows(in[0]), settings(in))
        .reshape(in[0].shape());
  }

  @Override
  public UnaryOperator<Array> bind(Array... in) {
    UnaryOperator<Array> f = FusedOp.kernels(in[0]).feedForward(settings(in));
    return x -> f.apply(FusedOp.rows(x)).reshape(x.shape());
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Array[] in = {ctx.saved(0), ctx.saved(1), ctx.saved(2), ctx.saved(3), ctx.saved(4)};
    Fused.FeedForwardGradients r =
        FusedOp.kernels(g).feedForwardGradient(FusedOp.rows(in[0]), settings(in), FusedOp.rows(g));
    grads.add(0, () -> r.x().reshape(g.shape()));
    grads.add(1, r::w1);
    grads.add(2, r::b1);
    grads.add(3, r::w2);
    grads.add(4, r::b2);
  }

  private Fused.FeedForward settings(Array... in) {
    return new Fused.FeedForward(in[1], in[2], in[3], in[4], p, seed);
  }
}
