package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/** Sum of two arrays, element by element, with broadcasting: {@code y = a + b}. */
public record Add() implements Op {
  @Override
  public Shape infer(Shape... in) {
    return Shape.broadcast("add", in[0], in[1]);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    return Kernels.of(in[0]).elementwise().add(in[0], in[1]);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> g);
    grads.add(1, () -> g);
  }
}
