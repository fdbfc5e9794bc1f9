package dev.cadenza.testing;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on tensors that say what differs, by how much and where.
 *
 * <pre>{@code
 * assertThat(y).hasShape(2, 3).isCloseTo(expected, 1e-6);
 * }</pre>
 */
public final class TensorAssert extends AbstractAssert<TensorAssert, Tensor> {
  private TensorAssert(Tensor actual) {
    super(actual, TensorAssert.class);
  }

  public static TensorAssert assertThat(Tensor actual) {
    return new TensorAssert(actual);
  }

  public static TensorAssert assertThat(Array actual) {
    return new TensorAssert(Tensor.of(actual));
  }

  public TensorAssert hasShape(int... dims) {
    return hasShape(Shape.of(dims));
  }

  public TensorAssert hasShape(Shape shape) {
    isNotNull();
    if (!actual.shape().equals(shape)) {
      failWithMessage("expected shape %s, got %s", shape, actual.shape());
    }
    return this;
  }

  public TensorAssert hasType(DType type) {
    isNotNull();
    if (actual.type() != type) {
      failWithMessage("expected type %s, got %s", type, actual.type());
    }
    return this;
  }

  /** The same shape, type and bits: 0 is not -0, and NaN is NaN. */
  public TensorAssert hasSameBitsAs(Tensor expected) {
    hasShape(expected.shape()).hasType(expected.type());
    double[] got = actual.toDoubleArray();
    double[] want = expected.toDoubleArray();
    for (int i = 0; i < want.length; i++) {
      if (Double.doubleToLongBits(got[i]) != Double.doubleToLongBits(want[i])) {
        failWithMessage("expected %s at %s, got %s", want[i], place(i), got[i]);
      }
    }
    return this;
  }

  /** The same shape, and no element further than {@code tolerance} from its counterpart. */
  public TensorAssert isCloseTo(Tensor expected, double tolerance) {
    return isCloseTo(expected, tolerance, 0);
  }

  /** The same shape, and no element further than {@code absolute + relative * |expected|}. */
  public TensorAssert isCloseTo(Tensor expected, double absolute, double relative) {
    hasShape(expected.shape());
    return isCloseTo(expected.toDoubleArray(), absolute, relative);
  }

  /** The elements in row-major order, none further than {@code tolerance} from its counterpart. */
  public TensorAssert isCloseTo(double[] expected, double tolerance) {
    return isCloseTo(expected, tolerance, 0);
  }

  /** Equal infinities are close, NaN is close to NaN alone. */
  private TensorAssert isCloseTo(double[] expected, double absolute, double relative) {
    isNotNull();
    double[] got = actual.toDoubleArray();
    if (got.length != expected.length) {
      failWithMessage("expected %d elements, got %d", expected.length, got.length);
    }
    double worst = 0; // in tolerances
    int place = -1;
    int apart = 0;
    for (int i = 0; i < got.length; i++) {
      double difference = difference(got[i], expected[i]);
      double tolerance = tolerance(expected[i], absolute, relative);
      if (!(difference <= tolerance)) {
        apart++;
        if (place < 0 || difference / tolerance > worst) {
          worst = difference / tolerance;
          place = i;
        }
      }
    }
    if (apart > 0) {
      failWithMessage(
          "%s",
          String.format(
              Locale.ROOT,
              "%d of %d elements are too far off, most of all %s: expected %.9g, got %.9g,"
                  + " %.3g apart, tolerance %.3g",
              apart,
              got.length,
              place(place),
              expected[place],
              got[place],
              difference(got[place], expected[place]),
              tolerance(expected[place], absolute, relative)));
    }
    return this;
  }

  public TensorAssert hasValues(double... expected) {
    return isCloseTo(expected, 0);
  }

  private static double tolerance(double expected, double absolute, double relative) {
    return relative == 0 ? absolute : absolute + relative * Math.abs(expected);
  }

  private static double difference(double a, double b) {
    if (Double.compare(a, b) == 0) {
      return 0;
    }
    double difference = Math.abs(a - b);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private String place(int index) {
    int[] strides = actual.shape().strides();
    int[] place = new int[strides.length];
    int rest = index;
    for (int i = 0; i < place.length; i++) {
      place[i] = rest / strides[i];
      rest %= strides[i];
    }
    return Arrays.toString(place);
  }
}
