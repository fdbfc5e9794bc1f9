package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;

/** All axes but the first become one: [N, ..] to [N, features]. */
public final class Flatten extends Layer {
  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return x.flatten(1);
  }
}
