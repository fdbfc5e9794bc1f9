package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;

/** The rectifier {@code max(x, 0)}, element by element. */
public final class ReLU extends Layer {
  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return x.relu();
  }
}
