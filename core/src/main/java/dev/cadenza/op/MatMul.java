package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Matrix;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;

/** Matrix product. {@code a [.., M, K] b [.., K, N] y [.., M, N]}; leading axes broadcast. */
public record MatMul() implements Op {
  @Override
  public Shape infer(Shape... in) {
    Shape a = in[0];
    Shape b = in[1];
    if (a.rank() < 2) {
      throw ShapeException.expected("matmul", "a", "[.., M, K]", a);
    }
    if (b.rank() < 2) {
      throw ShapeException.expected("matmul", "b", "[.., K, N]", b);
    }
    if (a.dim(-1) != b.dim(-2)) {
      throw ShapeException.mismatch("matmul", "inner dimensions", "a", a, -1, "b", b, -2);
    }
    return Shape.broadcast("matmul", a.slice(0, a.rank() - 2), b.slice(0, b.rank() - 2))
        .append(a.dim(-2), b.dim(-1));
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in);
    return Kernels.of(in[0]).matrix().matmul(in[0], false, in[1], false);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Matrix m = Kernels.of(g).matrix();
    grads.add(0, () -> m.matmul(g, false, ctx.saved(1), true)); // [M, N] x [K, N]^T -> [M, K]
    grads.add(1, () -> m.matmul(ctx.saved(0), true, g, false)); // [M, K]^T x [M, N] -> [K, N]
  }
}
