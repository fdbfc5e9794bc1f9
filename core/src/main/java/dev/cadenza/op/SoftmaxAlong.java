package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Softmax;
import dev.cadenza.shape.Shape;

/**
 * {@code e^x / sum(e^x)} along an axis, or its logarithm.
 *
 * @param axis negative axes count from the end
 * @param log whether the value is the logarithm of the softmax
 */
public record SoftmaxAlong(int axis, boolean log) implements Op {
  @Override
  public Shape infer(Shape... in) {
    in[0].axis(axis);
    return in[0];
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Softmax k = Kernels.of(in[0]).softmax();
    int a = in[0].shape().axis(axis);
    Array y = log ? k.logSoftmax(in[0], a) : k.softmax(in[0], a);
    ctx.save(y);
    return y;
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Softmax k = Kernels.of(g).softmax();
    int a = g.shape().axis(axis);
    Array y = ctx.saved(0);
    grads.add(0, () -> log ? k.logSoftmaxGradient(y, g, a) : k.softmaxGradient(y, g, a));
  }
}
