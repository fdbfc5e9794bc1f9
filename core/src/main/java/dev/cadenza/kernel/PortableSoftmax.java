package dev.cadenza.kernel;

import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link Softmax} composed of element-wise operations and sums. Where all inputs are minus infinity
 * (a query whose keys are all masked) softmax is 0.
 */
final class PortableSoftmax implements Softmax {
  private static final double LOWEST = -Float.MAX_VALUE;
  private final Elementwise e;

  PortableSoftmax(Elementwise elementwise) {
    this.e = elementwise;
  }

  @Override
  public Array softmax(Array x, int axis) {
    Array exp = e.exp(belowMaximum(x, axis));
    Array sum = e.sum(exp, axis);
    sum.nd().assign(Transforms.max(sum.nd(), Float.MIN_NORMAL, true));
    return e.div(exp, sum);
  }

  @Override
  public Array softmaxGradient(Array y, Array g, int axis) {
    return e.mul(y, e.sub(g, e.sum(e.mul(g, y), axis)));
  }

  @Override
  public Array logSoftmax(Array x, int axis) {
    Array shifted = belowMaximum(x, axis);
    return e.sub(shifted, e.log(e.sum(e.exp(shifted), axis)));
  }

  @Override
  public Array logSoftmaxGradient(Array y, Array g, int axis) {
    return e.sub(g, e.mul(e.exp(y), e.sum(g, axis)));
  }

  /** Shifting by the maximum leaves softmax the same and keeps exp from overflowing. */
  private Array belowMaximum(Array x, int axis) {
    INDArray maximum = Transforms.max(x.nd().max(true, axis), LOWEST, true);
    return e.sub(x, Array.wrap(maximum, x.shape().with(axis, 1)));
  }
}
