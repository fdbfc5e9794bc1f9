package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Fused;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import java.util.Objects;

/**
 * An op that does in one pass what a composition of other ops defines. It runs only where a kernel
 * for it exists; elsewhere, and as the oracle of its tests, the composition does.
 */
public interface FusedOp extends Op {
  /** Whether a fused kernel serves these inputs. */
  default boolean available(Array... in) {
    return Kernels.fused(in[0].type()) != null;
  }

  /** The fused kernels, for an op that is {@link #available}. */
  static Fused kernels(Array a) {
    return Objects.requireNonNull(Kernels.fused(a.type()), "available() was not asked");
  }

  /** [.., E] as [rows, E]. */
  static Array rows(Array x) {
    int features = x.shape().dim(-1);
    return x.reshape(Shape.of(features == 0 ? 0 : x.size() / features, features));
  }
}
