package dev.cadenza.benchmarks;

import dev.cadenza.kernel.Workspace;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

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
    try (Workspace step = Workspace.open()) {
      layer.forward(input, train).backward(upstream);
    }
  }

  /** What {@link #forwardBackward} computes: output, gradient by input, gradients by parameter. */
  public List<float[]> values() {
    try (Workspace step = Workspace.open()) {
      Tensor y = layer.forward(input, train);
      Gradients g = y.backward(upstream);
      List<float[]> values = new ArrayList<>(List.of(y.toFloatArray()));
      if (input.isTracked()) {
        values.add(g.of(input).toFloatArray());
      }
      layer.parameters().values().forEach(p -> values.add(g.of(p).toFloatArray()));
      return values;
    }
  }
}
