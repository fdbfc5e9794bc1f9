package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** {@code y = scale x + shift} with two numbers, element by element. */
public record Affine(double scale, double shift) implements Op {
  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    return Kernels.of(in[0]).elementwise().affine(in[0], scale, shift);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> Kernels.of(g).elementwise().affine(g, scale, 0));
  }
}
