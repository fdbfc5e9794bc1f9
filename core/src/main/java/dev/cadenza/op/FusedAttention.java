package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.Locale;

/**
 * Scaled dot-product self-attention in one op: packed projections [N, T, 3E] (queries, keys,
 * values) to [N, T, E], with dropout on the attention weights. Defined by the composition in {@code
 * MultiHeadAttention}; the weights are computed again in backward instead of being kept.
 */
public record FusedAttention(int heads, double p, long seed) implements FusedOp {
  @Override
  public Shape infer(Shape... in) {
    ShapeException.requireRank("attention", "projections", "[N, T, 3E]", 3, in[0]);
    if (in[0].dim(2) % (3 * heads) != 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "attention: %d heads do not divide the projections %s", heads, in[0]));
    }
    return in[0].with(2, in[0].dim(2) / 3);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in);
    return FusedOp.kernels(in[0]).attention(in[0], heads, p, seed);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> FusedOp.kernels(g).attentionGradient(ctx.saved(0), heads, p, seed, g));
  }
}
