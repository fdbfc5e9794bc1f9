package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.shape.Shape;
import java.util.function.UnaryOperator;

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
   * The value as a function of the first input, for others that never change again. Where a kernel
   * can lay these out once, so that calling often is cheap, an op does so here; the values may then
   * differ by rounding.
   *
   * @param in all inputs; of the first only type and shape count
   */
  default UnaryOperator<Array> bind(Array... in) {
    return x -> {
      Array[] all = in.clone();
      all[0] = x;
      return forward(new Ctx(false), all);
    };
  }

  /**
   * Adds to {@code grads} the gradient with respect to each input, given {@code g}, the gradient
   * with respect to the value. {@code g} is not modified.
   */
  void backward(Ctx ctx, Array g, Grads grads);
}
