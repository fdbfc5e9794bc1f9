package dev.cadenza.benchmarks;

import dev.cadenza.kernel.Workspace;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/** A layer with its input, ready to run forward and back as a training step would run it. */
public final class LayerRun {
  private final Layer layer;
  private final Tensor input;
  private final Tensor upstream;
  private final Pass train = Pass.train(Inputs.dropout());

  public LayerRun(LayerSpec spec, boolean dropout) {
    layer = spec.build(dropout, Inputs.weights());
    Tensor x = tensor(spec.input(), 1);
    input = spec.first() ? x : x.tracked();
    upstream = tensor(layer.forward(x, Pass.eval()).shape(), 2);
  }

  private static Tensor tensor(Shape shape, long seed) {
    return Tensor.of(Inputs.normal(shape, seed), shape.dims());
  }

  public Layer layer() {
    return layer;
  }

  /** The shape of the output. */
  public Shape output() {
    return upstream.shape();
  }

  /** Evaluation. */
  public void forward() {
    try (Workspace step = Workspace.open()) {
      layer.forward(input, Pass.eval());
    }
  }

  /** Training: the output, and the gradients of all parameters and of the input. */
  public void forwardBackward() {
    forwardBackward(train);
  }

  /** The same by the composition that defines a fused layer. */
  public void composedForwardBackward() {
    forwardBackward(train.observedBy((inner, y) -> {}));
  }

  private void forwardBackward(Pass pass) {
    try (Workspace step = Workspace.open()) {
      layer.forward(input, pass).backward(upstream);
    }
  }

  /**
   * What {@link #forwardBackward} computes: {@code output}, the gradient of the {@code input} if
   * one is wanted, and the gradients of the parameters by key.
   */
  public Map<String, float[]> values() {
    try (Workspace step = Workspace.open()) {
      Tensor y = layer.forward(input, train);
      Gradients g = y.backward(upstream);
      Map<String, float[]> values = new LinkedHashMap<>();
      values.put("output", y.toFloatArray());
      if (input.isTracked()) {
        values.put("input", g.of(input).toFloatArray());
      }
      layer.parameters().forEach((key, p) -> values.put(key, g.of(p).toFloatArray()));
      return values;
    }
  }
}
