package dev.cadenza.data;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.List;

/** Examples in memory. */
public final class ArrayDataset implements Dataset {
  private final Shape shape;
  private final List<float[]> features;
  private final int[] labels;

  /**
   * A data set of these arrays.
   *
   * @param shape of one example
   * @param features an array an example, row-major; not copied
   * @param labels one an example
   * @throws ShapeException if there are not as many labels as examples, or an example does not fill
   *     the shape
   */
  public ArrayDataset(Shape shape, List<float[]> features, int... labels) {
    if (features.size() != labels.length) {
      throw new ShapeException(
          "arrayDataset: examples and labels differ, "
              + features.size()
              + " examples have "
              + labels.length
              + " labels");
    }
    this.shape = shape;
    this.features = List.copyOf(features);
    this.labels = labels.clone();
    for (int i = 0; i < labels.length; i++) {
      int length = this.features.get(i).length;
      if (length != shape.size()) {
        throw new ShapeException(
            "arrayDataset: the "
                + length
                + " features of example "
                + i
                + " do not fill "
                + shape
                + ", which has "
                + shape.size()
                + " elements");
      }
    }
  }

  @Override
  public int size() {
    return labels.length;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public void read(int index, float[] into) {
    System.arraycopy(features.get(index), 0, into, 0, into.length);
  }
}
