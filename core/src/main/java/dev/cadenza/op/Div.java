package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** Quotient of two arrays, element by element, with broadcasting: {@code y = a / b}. */
public record Div() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return Shape.broadcast("div", in[0], in[1]);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in);
    return Kernels.of(in[0]).elementwise().div(in[0], in[1]);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Elementwise e = Kernels.of(g).elementwise();
    Array b = ctx.saved(1);
    grads.add(0, () -> e.div(g, b));
    // b squared could overflow
    grads.add(1, () -> e.affine(e.mul(g, e.div(e.div(ctx.saved(0), b), b)), -1, 0));
  }
}
