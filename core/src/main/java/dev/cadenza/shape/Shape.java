package dev.cadenza.shape;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The sizes of an array, outermost axis first. Immutable. An empty shape is a scalar; a size of
 * zero is allowed and makes the array empty.
 *
 * <p>Axes may be counted from the end: {@code dim(-1)} is the last one.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new int[0]);

  private final int[] dims;
  private final int size;

  private Shape(int[] dims) {
    long product = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new ShapeException("shape: sizes must not be negative, got " + Arrays.toString(dims));
      }
      product *= d;
      if (product > Integer.MAX_VALUE) {
        throw new ShapeException(
            "shape: " + Arrays.toString(dims) + " has more than 2147483647 elements");
      }
    }
    this.dims = dims;
    this.size = (int) product;
  }

  /** The shape with these sizes, outermost first. */
  public static Shape of(int... dims) {
    return dims.length == 0 ? SCALAR : new Shape(dims.clone());
  }

  /** The shape of a single number. */
  public static Shape scalar() {
    return SCALAR;
  }

  public int rank() {
    return dims.length;
  }

  /** The number of elements: the product of all sizes, 1 for a scalar. */
  public int size() {
    return size;
  }

  /** The size of an axis; negative axes count from the end. */
  public int dim(int axis) {
    return dims[axis(axis)];
  }

  /** The axis as a number from 0; negative axes count from the end. */
  public int axis(int axis) {
    int a = axis < 0 ? axis + dims.length : axis;
    if (a < 0 || a >= dims.length) {
      throw new ShapeException("axis " + axis + " is outside of " + this);
    }
    return a;
  }

  /** The sizes as a new array. */
  public int[] dims() {
    return dims.clone();
  }

  /** The sizes as a new array of longs, as ND4J takes them. */
  public long[] longDims() {
    return Arrays.stream(dims).asLongStream().toArray();
  }

  /** The product of the sizes of axes {@code from} (inclusive) to {@code to} (exclusive). */
  public int size(int from, int to) {
    int product = 1;
    for (int i = from; i < to; i++) {
      product *= dims[i];
    }
    return product;
  }

  /** This shape with one axis given another size. */
  public Shape with(int axis, int value) {
    int[] d = dims.clone();
    d[axis(axis)] = value;
    return new Shape(d);
  }

  /** Axes {@code from} (inclusive) to {@code to} (exclusive) as a shape. */
  public Shape slice(int from, int to) {
    return of(Arrays.copyOfRange(dims, from, to));
  }

  /** This shape followed by further axes. */
  public Shape append(int... more) {
    int[] d = Arrays.copyOf(dims, dims.length + more.length);
    System.arraycopy(more, 0, d, dims.length, more.length);
    return of(d);
  }

  /** The axes in another order: axis i of the result is axis {@code order[i]} of this. */
  public Shape permute(int... order) {
    if (order.length != rank()
        || IntStream.of(order).map(this::axis).distinct().count() != rank()) {
      throw new ShapeException(
          "permute: " + Arrays.toString(order) + " is not an order of the axes of " + this);
    }
    return of(IntStream.of(order).map(this::dim).toArray());
  }

  /** The row-major distance, in elements, between neighbours along each axis. */
  public int[] strides() {
    int[] s = new int[dims.length];
    int step = 1;
    for (int i = dims.length - 1; i >= 0; i--) {
      s[i] = step;
      step *= dims[i];
    }
    return s;
  }

  /**
   * The common shape of two arrays in an element-wise operation: axes are matched from the last,
   * and a size of 1 stretches to the other's size.
   *
   * @throws ShapeException if two sizes differ and neither is 1
   */
  public static Shape broadcast(String op, Shape a, Shape b) {
    int[] d = new int[Math.max(a.rank(), b.rank())];
    for (int i = 1; i <= d.length; i++) {
      int da = i <= a.rank() ? a.dim(-i) : 1;
      int db = i <= b.rank() ? b.dim(-i) : 1;
      if (da != db && da != 1 && db != 1) {
        throw ShapeException.mismatch(op, "sizes", "a", a, -i, "b", b, -i);
      }
      d[d.length - i] = da == 1 ? db : da;
    }
    return of(d);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Shape other && Arrays.equals(dims, other.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** For example {@code [32, 1, 40, 282]}. */
  @Override
  public String toString() {
    return IntStream.of(dims).mapToObj(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }
}
