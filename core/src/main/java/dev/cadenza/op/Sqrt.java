package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** The square root, element by element; its gradient at 0 is infinite. */
public record Sqrt() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = in[0];
    Array y = Kernels.of(x).elementwise().sqrt(x);
    ctx.save(y);
    return y;
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Elementwise e = Kernels.of(g).elementwise();
    grads.add(0, () -> e.affine(e.div(g, ctx.saved(0)), 0.5, 0));
  }
}
