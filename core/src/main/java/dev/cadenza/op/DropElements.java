package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;

/**
 * Dropout (Srivastava et al. 2014): each element is dropped with probability {@code p}, the others
 * are scaled by {@code 1 / (1 - p)}. The seed decides which; the mask is computed again in backward
 * instead of being kept.
 */
public record DropElements(double p, long seed) implements Op {
  public DropElements {
    if (!(p >= 0 && p <= 1)) {
      throw new IllegalArgumentException("dropout: p=" + p + " must be in [0, 1]");
    }
  }

  @Override
  public Shape infer(Shape... in) {
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    return Kernels.of(in[0]).elementwise().dropout(in[0], p, seed);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> Kernels.of(g).elementwise().dropout(g, p, seed));
  }
}
