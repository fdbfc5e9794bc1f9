package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;

/** The exact Gaussian error linear unit, element by element. */
public final class GELU extends Layer {
  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return x.gelu();
  }
}
