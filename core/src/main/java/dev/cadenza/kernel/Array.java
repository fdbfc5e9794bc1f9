package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense row-major array of float32 or float64 numbers on top of ND4J, without a history. There
 * are no strided views: every array is contiguous, so no kernel ever asks for strides. {@link
 * #reshape} alone shares its numbers with the array it comes from.
 *
 * <p>An array made while a workspace is open on this thread lives in that workspace and must not be
 * used after it is closed; doing so is refused with a message.
 */
public final class Array {
  /** Numbers that change their type at once, in the first-level cache. */
  private static final int NARROW = 1024;

  private final Storage storage;
  private final Shape shape;
  private final @Nullable Workspace owner;

  private Array(Storage storage, Shape shape, @Nullable Workspace owner) {
    this.storage = storage;
    this.shape = shape;
    this.owner = owner;
  }

  private Array(INDArray nd, Shape shape) {
    this(new Storage(nd), shape, Workspace.owner());
  }

  /** An array whose numbers are whatever the memory held: the caller writes all of them. */
  public static Array uninitialized(DType type, Shape shape) {
    int size = shape.size();
    Workspace owner = Workspace.owner();
    Storage storage =
        owner == null || size == 0 ? Storage.allocate(type, size) : owner.take(type, size);
    return new Array(storage, shape, owner);
  }

  public static Array zeros(DType type, Shape shape) {
    return full(type, shape, 0);
  }

  public static Array full(DType type, Shape shape, double value) {
    Array a = uninitialized(type, shape);
    double[] piece = Scratch.mine().doubles(Scratch.NARROW, NARROW);
    Arrays.fill(piece, value);
    int n = Math.min(NARROW, a.size());
    a.write(0, piece, 0, n);
    for (int i = n; i < a.size(); i += n) {
      a.copy(i, a, 0, 1, Math.min(n, a.size() - i));
    }
    return a;
  }

  /** A float32 copy of {@code values}. */
  public static Array of(float[] values, Shape shape) {
    requireLength(values.length, shape);
    Array a = uninitialized(DType.FLOAT32, shape);
    a.write(0, values, 0, values.length);
    return a;
  }

  /** A float32 copy of those of {@code values} that begin at {@code from}. */
  static Array of(float[] values, int from, Shape shape) {
    Array a = uninitialized(DType.FLOAT32, shape);
    a.write(0, values, from, a.size());
    return a;
  }

  /** A float64 copy of {@code values}. */
  public static Array of(double[] values, Shape shape) {
    requireLength(values.length, shape);
    Array a = uninitialized(DType.FLOAT64, shape);
    a.write(0, values, 0, values.length);
    return a;
  }

  private static void requireLength(int length, Shape shape) {
    if (length != shape.size()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "array: %d values do not fill %s, which has %d elements",
              length,
              shape,
              shape.size()));
    }
  }

  /** The array that holds the numbers of an ND4J result; copied only if it is not row-major. */
  static Array wrap(INDArray result, Shape shape) {
    if (result.isEmpty()) {
      return new Array(result, shape);
    }
    boolean rowMajor = result.ordering() == 'c' && !result.isView() && dense(result);
    INDArray flat = rowMajor ? result : result.dup('c');
    return new Array(flat.reshape('c', new long[] {flat.length()}), shape);
  }

  private static boolean dense(INDArray a) {
    long step = 1;
    for (int i = a.rank() - 1; i >= 0; i--) {
      if (a.size(i) != 1 && a.stride(i) != step) {
        return false;
      }
      step *= a.size(i);
    }
    return true;
  }

  /** A copy that no workspace owns: it lives until it is garbage. */
  public Array detach() {
    try (Workspace outside = Workspace.outside()) {
      return copy();
    }
  }

  /** A copy in the current workspace, if one is open. */
  public Array copy() {
    Array c = uninitialized(type(), shape);
    c.assign(this);
    return c;
  }

  /** Overwrites all numbers with those of an array of the same size, of either type. Modified. */
  public void assign(Array from) {
    if (size() > 0 && type() == from.type()) {
      copy(0, from, 0, 1, size());
      return;
    }
    double[] piece = Scratch.mine().doubles(Scratch.NARROW, NARROW);
    for (int i = 0; i < size(); i += NARROW) {
      int n = Math.min(NARROW, size() - i);
      from.read(i, piece, 0, n);
      write(i, piece, 0, n);
    }
  }

  public Shape shape() {
    return shape;
  }

  public int size() {
    return shape.size();
  }

  public DType type() {
    return storage.type();
  }

  /** The same numbers under another shape of the same size. */
  public Array reshape(Shape other) {
    requireLength(size(), other);
    return new Array(storage, other, owner);
  }

  /** This array in another data type; itself if it has it already. */
  public Array cast(DType type) {
    if (type == type()) {
      return this;
    }
    Array c = uninitialized(type, shape);
    c.assign(this);
    return c;
  }

  /** The ND4J array in this shape: the same memory, for portable kernels. */
  INDArray nd() {
    INDArray flat = live().nd();
    return shape.rank() == 0 || size() == 0 ? flat : flat.reshape('c', shape.longDims());
  }

  /** The ND4J array in another shape of the same size: the same memory. */
  INDArray nd(int... dims) {
    return live().nd().reshape('c', Arrays.stream(dims).asLongStream().toArray());
  }

  private Storage live() {
    if (owner != null && owner.isClosed()) {
      throw new IllegalStateException(
          "array "
              + shape
              + " was made in a workspace that is closed; call detach() inside the workspace on"
              + " what should outlive it");
    }
    return storage;
  }

  /** Copies {@code n} float32 numbers from position {@code from} into {@code to}. */
  public void read(int from, float[] to, int offset, int n) {
    if (n > 0) {
      floats().get(from, to, offset, n);
    }
  }

  /** Copies {@code n} float32 numbers of {@code from} to position {@code to}. Modified. */
  public void write(int to, float[] from, int offset, int n) {
    if (n > 0) {
      floats().put(to, from, offset, n);
    }
  }

  /** {@link #read(int, float[], int, int)} of an array of either type. */
  void read(int from, double[] to, int offset, int n) {
    if (type() == DType.FLOAT64) {
      if (n > 0) {
        doubles().get(from, to, offset, n);
      }
      return;
    }
    float[] narrow = Scratch.mine().floats(Scratch.NARROW, NARROW);
    for (int i = 0; i < n; i += NARROW) {
      int count = Math.min(NARROW, n - i);
      read(from + i, narrow, 0, count);
      for (int j = 0; j < count; j++) {
        to[offset + i + j] = narrow[j];
      }
    }
  }

  /** {@link #write(int, float[], int, int)} of an array of either type, rounded. Modified. */
  void write(int to, double[] from, int offset, int n) {
    if (type() == DType.FLOAT64) {
      if (n > 0) {
        doubles().put(to, from, offset, n);
      }
      return;
    }
    float[] narrow = Scratch.mine().floats(Scratch.NARROW, NARROW);
    for (int i = 0; i < n; i += NARROW) {
      int count = Math.min(NARROW, n - i);
      for (int j = 0; j < count; j++) {
        narrow[j] = (float) from[offset + i + j];
      }
      write(to + i, narrow, 0, count);
    }
  }

  /**
   * Copies {@code n} numbers of {@code x}, of the same type, which are {@code step} apart and begin
   * at {@code from}, to position {@code to}. Modified.
   */
  void copy(int to, Array x, int from, int step, int n) {
    if (step == 1 && type() == DType.FLOAT32) {
      floats().put(to, x.floats(), from, n);
    } else if (step == 1) {
      doubles().put(to, x.doubles(), from, n);
    } else {
      for (int i = 0; i < n; i++) {
        copy(to + i, x, from + i * step, 1, 1);
      }
    }
  }

  /** The memory of all numbers; null if there are none, or more than a buffer can hold. */
  @Nullable ByteBuffer bytes() {
    return live().bytes();
  }

  private DoubleBuffer doubles() {
    return live().doubles();
  }

  private FloatBuffer floats() {
    return live().floats();
  }

  /** All numbers in row-major order, as floats, in a new Java array. */
  public float[] toFloatArray() {
    float[] out = new float[size()];
    if (type() == DType.FLOAT32) {
      read(0, out, 0, out.length);
    } else {
      double[] wide = toDoubleArray();
      for (int i = 0; i < out.length; i++) {
        out[i] = (float) wide[i];
      }
    }
    return out;
  }

  /** All numbers in row-major order, as doubles, in a new Java array. */
  public double[] toDoubleArray() {
    double[] out = new double[size()];
    read(0, out, 0, out.length);
    return out;
  }

  @Override
  public String toString() {
    return type() + " " + shape;
  }
}
