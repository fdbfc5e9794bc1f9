package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.Locale;

/**
 * The mean cross-entropy of logits [N, K] against target distributions, as one op: softmax is never
 * formed on the way forward, and the gradient is {@code softmax - target}.
 *
 * @param target row-major [N, K]: the weight of each class for each row, see {@code Losses}
 * @param total what the sum over rows is divided by
 */
public record CrossEntropy(double[] target, double total) implements Op {
  @Override
  public Shape infer(Shape... in) {
    ShapeException.requireRank("crossEntropy", "logits", "[N, K]", 2, in[0]);
    if (in[0].size() != target.length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "crossEntropy: %d target values do not fill logits %s",
              target.length,
              in[0]));
    }
    return Shape.scalar();
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array logits = in[0];
    Array logp = Kernels.of(logits).softmax().logSoftmax(logits, 1);
    ctx.save(logp);
    double[] p = logp.toDoubleArray();
    double sum = 0;
    for (int i = 0; i < p.length; i++) {
      if (target[i] != 0) { // a class that is ruled out, with a logit of minus infinity, costs 0
        sum += target[i] * p[i];
      }
    }
    return Array.of(new double[] {-sum / total}, Shape.scalar()).cast(logits.type());
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(
        0,
        () -> {
          Array logp = ctx.saved(0);
          double scale = g.toDoubleArray()[0] / total;
          double[] gradient = Kernels.of(logp).elementwise().exp(logp).toDoubleArray();
          int k = logp.shape().dim(1);
          for (int row = 0; row < gradient.length; row += k) {
            double weight = 0;
            for (int i = row; i < row + k; i++) {
              weight += target[i];
            }
            for (int i = row; i < row + k; i++) {
              gradient[i] = (gradient[i] * weight - target[i]) * scale;
            }
          }
          return Array.of(gradient, logp.shape()).cast(logp.type());
        });
  }
}
