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
    return e.div(exp, e.add(sum, oneWhereZero(sum)));
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

  private static Array oneWhereZero(Array sum) {
    return sum.size() == 0 ? sum : Array.wrap(sum.nd().eq(0).castTo(sum.type().nd()), sum.shape());
  }

  /** Shifting by the maximum leaves softmax the same and keeps exp from overflowing. */
  private Array belowMaximum(Array x, int axis) {
    if (x.size() == 0) {
      return x;
    }
    INDArray maximum = Transforms.max(x.nd().max(true, axis), LOWEST, true);
    return e.sub(x, Array.wrap(maximum, x.shape().with(axis, 1)));
  }
}
