package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/**
 * The Gaussian error linear unit {@code y = x Phi(x)} (Hendrycks and Gimpel 2016), element by
 * element, exact: Phi is the normal distribution function.
 */
public record Gelu() implements Op {
  private static final double DENSITY_AT_0 = 1 / Math.sqrt(2 * Math.PI);

  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in[0]);
    return Kernels.of(in[0]).elementwise().mul(in[0], distribution(in[0]));
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(
        0,
        () -> {
          Array x = ctx.saved(0);
          Elementwise e = Kernels.of(g).elementwise();
          Array density = e.affine(e.exp(e.affine(e.mul(x, x), -0.5, 0)), DENSITY_AT_0, 0);
          return e.mul(g, e.add(distribution(x), e.mul(x, density)));
        });
  }

  private static Array distribution(Array x) {
    Elementwise e = Kernels.of(x).elementwise();
    return e.affine(e.erf(e.affine(x, 1 / Math.sqrt(2), 0)), 0.5, 0.5);
  }
}
