package dev.cadenza.data;

import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;

/**
 * Some examples together. Features are kept as plain numbers until {@link #inputs} is called, so
 * that the tensor belongs to the workspace of the step that uses it.
 */
public final class Batch {
  private final Shape shape;
  private final float[] features;
  private final int[] labels;
  private final int[] indices;

  /** A batch around arrays that nobody else changes. */
  Batch(Shape shape, float[] features, int[] labels, int[] indices) {
    this.shape = shape;
    this.features = features;
    this.labels = labels;
    this.indices = indices;
  }

  /** The number of examples, N. */
  public int size() {
    return labels.length;
  }

  /** The features [N, ..] as a new float32 tensor. */
  public Tensor inputs() {
    return Tensor.of(features, shape.dims());
  }

  /** The class of each example, [N]. */
  public int[] labels() {
    return labels.clone();
  }

  /** The number of each example in its data set, [N]. */
  public int[] indices() {
    return indices.clone();
  }
}
