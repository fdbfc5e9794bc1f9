package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** Difference of two arrays, element by element, with broadcasting: {@code y = a - b}. */
public record Sub() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return Shape.broadcast("sub", in[0], in[1]);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    return Kernels.of(in[0]).elementwise().sub(in[0], in[1]);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> g);
    grads.add(1, () -> Kernels.of(g).elementwise().affine(g, -1, 0));
  }
}
