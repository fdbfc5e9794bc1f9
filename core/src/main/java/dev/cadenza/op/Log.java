package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** The natural logarithm, element by element. */
public record Log() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = in[0];
    ctx.save(x);
    return Kernels.of(x).elementwise().log(x);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Elementwise e = Kernels.of(g).elementwise();
    grads.add(0, () -> e.div(g, ctx.saved(0)));
  }
}
