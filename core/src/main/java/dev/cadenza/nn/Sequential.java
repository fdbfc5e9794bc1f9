package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;
import java.util.List;

/** Layers one after the other, with the keys {@code 0}, {@code 1}, ... */
public final class Sequential extends Layer {
  private final List<Layer> layers;

  public Sequential(Layer... layers) {
    this.layers = List.of(layers);
    for (int i = 0; i < layers.length; i++) {
      child(String.valueOf(i), layers[i]);
    }
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    Tensor y = x;
    for (Layer layer : layers) {
      y = layer.forward(y, pass);
    }
    return y;
  }
}
