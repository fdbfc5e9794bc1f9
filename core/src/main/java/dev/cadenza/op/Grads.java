package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Collects the gradients of one op with respect to its inputs. The one place that skips what nobody
 * needs, and that undoes broadcasting.
 */
public final class Grads {
  private final Shape[] shapes;
  private final boolean[] needed;
  private final @Nullable Array[] gradients;

  /**
   * @param shapes the shapes of the inputs
   * @param needed which inputs want a gradient
   */
  public Grads(Shape[] shapes, boolean[] needed) {
    this.shapes = shapes;
    this.needed = needed;
    this.gradients = new Array[shapes.length];
  }

  /** The number of inputs. */
  public int inputs() {
    return shapes.length;
  }

  public boolean needs(int input) {
    return needed[input];
  }

  /** Adds to the gradient of an input; the supplier runs only if someone needs the result. */
  public void add(int input, Supplier<Array> gradient) {
    if (needed[input]) {
      Array g = unbroadcast(gradient.get(), shapes[input]);
      Array before = gradients[input];
      gradients[input] = before == null ? g : Kernels.of(g).elementwise().add(before, g);
    }
  }

  public @Nullable Array get(int input) {
    return gradients[input];
  }

  /** Sums over the axes along which an input of shape {@code to} was repeated. */
  private static Array unbroadcast(Array g, Shape to) {
    if (g.shape().equals(to)) {
      return g;
    }
    int extra = g.shape().rank() - to.rank();
    int[] repeated =
        IntStream.range(0, g.shape().rank())
            .filter(i -> i < extra || (to.dim(i - extra) == 1 && g.shape().dim(i) != 1))
            .toArray();
    return Kernels.of(g).elementwise().sum(g, repeated).reshape(to);
  }
}
