package dev.cadenza.data;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.util.Map;

/**
 * Shifts and scales features to a mean of 0 and a standard deviation of 1, as estimated on given
 * examples: the training part, nothing else. Conventions are those of scikit-learn's {@code
 * StandardScaler}: the deviation is the population's (divided by n), what is constant is only
 * shifted.
 */
public final class Standardizer {
  private static final String MEAN = "mean";
  private static final String DEVIATION = "deviation";

  private final Shape shape;
  private final float[] mean;
  private final float[] deviation;

  private Standardizer(Shape shape, float[] mean, float[] deviation) {
    this.shape = shape;
    this.mean = mean;
    this.deviation = deviation;
  }

  /** A mean and a deviation for each place of an example, over all examples. */
  public static Standardizer perCell(Dataset train) {
    return fit(train, train.shape());
  }

  /** One mean and one deviation over all places of all examples. */
  public static Standardizer global(Dataset train) {
    return fit(train, Shape.scalar());
  }

  /** Welford's update in double: one pass, and exactly 0 for what is constant. */
  private static Standardizer fit(Dataset train, Shape shape) {
    if (train.size() == 0 || train.shape().size() == 0) {
      throw new IllegalArgumentException("standardizer: there is nothing to estimate from");
    }
    int cells = shape.size();
    double[] mean = new double[cells];
    double[] squares = new double[cells];
    long[] count = new long[cells];
    float[] features = new float[train.shape().size()];
    for (int example = 0; example < train.size(); example++) {
      train.read(example, features);
      for (int i = 0; i < features.length; i++) {
        if (!Float.isFinite(features[i])) {
          throw new IllegalArgumentException(
              "standardizer: feature " + i + " of example " + example + " is " + features[i]);
        }
        int c = i % cells;
        double off = features[i] - mean[c];
        mean[c] += off / ++count[c];
        squares[c] += off * (features[i] - mean[c]);
      }
    }
    float[] center = new float[cells];
    float[] deviation = new float[cells];
    for (int c = 0; c < cells; c++) {
      center[c] = (float) mean[c];
      float d = (float) Math.sqrt(squares[c] / count[c]);
      deviation[c] = d == 0 ? 1 : d;
    }
    return new Standardizer(shape, center, deviation);
  }

  /** The shape of one example, or a scalar if one mean and deviation serve all features. */
  public Shape shape() {
    return shape;
  }

  /** The means in row-major order. */
  public float[] mean() {
    return mean.clone();
  }

  /** The standard deviations in row-major order; 1 where features were constant. */
  public float[] deviation() {
    return deviation.clone();
  }

  /**
   * Standardises one example or several, one after the other.
   *
   * @param features row-major; modified
   */
  public void apply(float[] features) {
    int cells = mean.length;
    if (features.length % cells != 0) {
      throw new ShapeException(
          "standardizer: " + features.length + " features are not a multiple of " + shape);
    }
    for (int i = 0, c = 0; i < features.length; i++) {
      features[i] = (features[i] - mean[c]) / deviation[c];
      c = c + 1 == cells ? 0 : c + 1;
    }
  }

  void requireShape(Shape example) {
    if (shape.rank() != 0) {
      ShapeException.requireShape("standardizer", "example", shape, example);
    }
  }

  /** Mean and deviation by name, for the file of a model: see {@link #of}. */
  public Map<String, Tensor> tensors() {
    return Map.of(
        MEAN, Tensor.of(mean, shape.dims()), DEVIATION, Tensor.of(deviation, shape.dims()));
  }

  /**
   * The standardizer that {@link #tensors} came from.
   *
   * @throws IllegalArgumentException if one of the two is missing, their shapes differ, or a
   *     deviation is not above 0
   */
  public static Standardizer of(Map<String, Tensor> tensors) {
    Tensor mean = tensors.get(MEAN);
    Tensor deviation = tensors.get(DEVIATION);
    if (mean == null || deviation == null) {
      throw new IllegalArgumentException(
          "standardizer: expected 'mean' and 'deviation', got " + tensors.keySet());
    }
    ShapeException.requireShape("standardizer", DEVIATION, mean.shape(), deviation.shape());
    float[] scale = deviation.toFloatArray();
    for (float d : scale) {
      if (!(d > 0)) {
        throw new IllegalArgumentException("standardizer: a deviation must be above 0, got " + d);
      }
    }
    return new Standardizer(mean.shape(), mean.toFloatArray(), scale);
  }

  @Override
  public String toString() {
    return "Standardizer(" + (shape.rank() == 0 ? "global" : shape) + ")";
  }
}
