package dev.cadenza.tensor;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Elementwise;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The gradients of one {@code backward}, by leaf: parameters and tensors made with {@link
 * Tensor#tracked()}. They live in the workspace that was open then.
 */
public final class Gradients {
  private final Map<Tensor, Array> byLeaf;

  Gradients(Map<Tensor, Array> byLeaf) {
    this.byLeaf = byLeaf;
  }

  /** Whether any gradient reached this leaf. */
  public boolean reached(Tensor leaf) {
    return byLeaf.containsKey(leaf);
  }

  /**
   * The gradient with respect to a leaf, in its shape; zeros if it does not influence the result.
   *
   * @throws IllegalArgumentException if the tensor is not tracked, or is the value of an op
   */
  public Tensor of(Tensor leaf) {
    if (!leaf.isLeaf() || !leaf.isTracked()) {
      throw new IllegalArgumentException(
          "gradients: " + leaf + " is no tracked leaf, so no gradient is kept for it");
    }
    Array g = byLeaf.get(leaf);
    return new Tensor(g != null ? g : Array.zeros(leaf.array().type(), leaf.shape()), null, false);
  }

  /** The gradient as an array, or null if none reached this leaf. */
  public @Nullable Array arrayOf(Tensor leaf) {
    return byLeaf.get(leaf);
  }

  /** The Euclidean norm over all gradients together. */
  public double norm() {
    double sum = 0;
    for (Array g : byLeaf.values()) {
      Elementwise e = Kernels.of(g).elementwise();
      Array squares = e.mul(g, g).reshape(Shape.of(g.size()));
      sum += e.sum(squares, 0).toDoubleArray()[0];
    }
    return Math.sqrt(sum);
  }

  /** These gradients, scaled down together so that their {@link #norm} is at most {@code limit}. */
  public Gradients clip(double limit) {
    double norm = norm();
    if (norm <= limit) {
      return this;
    }
    Map<Tensor, Array> clipped = new IdentityHashMap<>();
    byLeaf.forEach(
        (leaf, g) -> clipped.put(leaf, Kernels.of(g).elementwise().affine(g, limit / norm, 0)));
    return new Gradients(clipped);
  }
}
