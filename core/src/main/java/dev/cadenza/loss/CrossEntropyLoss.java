package dev.cadenza.loss;

import dev.cadenza.op.CrossEntropy;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The cross-entropy of logits against labels with PyTorch's settings and conventions. With weights
 * {@code w}, smoothing {@code eps} and K classes, a row with label y costs
 *
 * <pre>{@code -(1 - eps) w[y] log p[y] - eps / K * sum over k of w[k] log p[k]}</pre>
 *
 * and the sum over rows is divided by the sum of {@code w[y]}: the number of rows if there are no
 * weights.
 *
 * @param classWeights one a class, 0 or more; empty for 1 each
 * @param labelSmoothing the part of a row's target that all classes share, in [0, 1]
 */
public record CrossEntropyLoss(List<Double> classWeights, double labelSmoothing) {
  /** Checks the settings. */
  public CrossEntropyLoss {
    classWeights = List.copyOf(classWeights);
    for (double w : classWeights) {
      if (!(w >= 0 && w < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "crossEntropy: class weights must be finite and not negative, got " + classWeights);
      }
    }
    if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
      throw new IllegalArgumentException(
          "crossEntropy: labelSmoothing=" + labelSmoothing + " must be in [0, 1]");
    }
  }

  /** Without weights and smoothing. */
  public static CrossEntropyLoss plain() {
    return new CrossEntropyLoss(List.of(), 0);
  }

  /** This loss with a weight for each class. */
  public CrossEntropyLoss classWeights(double... weights) {
    return new CrossEntropyLoss(Arrays.stream(weights).boxed().toList(), labelSmoothing);
  }

  /** This loss with labels smoothed by {@code eps}. */
  public CrossEntropyLoss labelSmoothing(double eps) {
    return new CrossEntropyLoss(classWeights, eps);
  }

  /**
   * The mean loss, a scalar.
   *
   * @param logits [N, K]
   * @param labels N numbers in 0 .. K - 1
   * @throws IllegalArgumentException if a label is none of the classes, or all labels have a weight
   *     of 0
   */
  public Tensor of(Tensor logits, int... labels) {
    Shape shape = logits.shape();
    ShapeException.requireRank("crossEntropy", "logits", "[N, K]", 2, shape);
    if (labels.length != shape.dim(0)) {
      throw ShapeException.mismatch(
          "crossEntropy", "rows", "logits", shape, 0, "labels", Shape.of(labels.length), 0);
    }
    int classes = shape.dim(1);
    if (!classWeights.isEmpty() && classWeights.size() != classes) {
      Shape weights = Shape.of(classWeights.size());
      throw ShapeException.mismatch(
          "crossEntropy", "classes", "logits", shape, 1, "classWeights", weights, 0);
    }
    double[] target = new double[shape.size()];
    double total = 0;
    for (int row = 0; row < labels.length; row++) {
      int label = labels[row];
      if (label < 0 || label >= classes) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "crossEntropy: label %d of row %d is outside of 0..%d (logits %s)",
                label,
                row,
                classes - 1,
                shape));
      }
      for (int k = 0; k < classes; k++) {
        target[row * classes + k] = labelSmoothing / classes * weight(k);
      }
      target[row * classes + label] += (1 - labelSmoothing) * weight(label);
      total += weight(label);
    }
    if (total == 0) {
      throw new IllegalArgumentException(
          "crossEntropy: there is no mean over rows whose weights sum to 0 (logits " + shape + ")");
    }
    return Tensor.apply(new CrossEntropy(target, total), logits);
  }

  private double weight(int label) {
    return classWeights.isEmpty() ? 1 : classWeights.get(label);
  }
}
