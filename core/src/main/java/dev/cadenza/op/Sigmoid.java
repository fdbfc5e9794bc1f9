package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** The logistic function {@code y = 1 / (1 + e^-x)}, element by element. */
public record Sigmoid() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = in[0];
    Array y = Kernels.of(x).elementwise().sigmoid(x);
    ctx.save(y);
    return y;
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Elementwise e = Kernels.of(g).elementwise();
    Array y = ctx.saved(0);
    grads.add(0, () -> e.mul(g, e.mul(y, e.affine(y, -1, 1))));
  }
}
