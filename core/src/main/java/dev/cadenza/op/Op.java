package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.shape.Shape;

/**
 * A differentiable operation on arrays. Implementations are records of settings; what a call needs
 * again for its gradient goes into the {@link Ctx}.
 */
public interface Op {
  /**
   * The shape of the value for inputs of these shapes.
   *
   * @throws dev.cadenza.shape.ShapeException if they do not fit together
   */
  Shape infer(Shape... in);

  /** The value. Inputs are not modified. */
  Array forward(Ctx ctx, Array... in);

  /**
   * Adds to {@code grads} the gradient with respect to each input, given {@code g}, the gradient
   * with respect to the value. {@code g} is not modified.
   */
  void backward(Ctx ctx, Array g, Grads grads);
}
