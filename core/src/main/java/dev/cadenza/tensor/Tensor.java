package dev.cadenza.tensor;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.op.Add;
import dev.cadenza.op.Affine;
import dev.cadenza.op.Concat;
import dev.cadenza.op.Ctx;
import dev.cadenza.op.Div;
import dev.cadenza.op.DropElements;
import dev.cadenza.op.Exp;
import dev.cadenza.op.FusedOp;
import dev.cadenza.op.Gelu;
import dev.cadenza.op.Grads;
import dev.cadenza.op.Log;
import dev.cadenza.op.MatMul;
import dev.cadenza.op.MaxPooling2d;
import dev.cadenza.op.Mul;
import dev.cadenza.op.Op;
import dev.cadenza.op.Permute;
import dev.cadenza.op.Relu;
import dev.cadenza.op.Reshape;
import dev.cadenza.op.Sigmoid;
import dev.cadenza.op.Slice;
import dev.cadenza.op.SoftmaxAlong;
import dev.cadenza.op.Sqrt;
import dev.cadenza.op.Sub;
import dev.cadenza.op.Sum;
import dev.cadenza.op.Tanh;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An array of numbers that remembers how it was computed. Tensors are made from Java arrays,
 * combined by the methods here or by {@link #apply}, and differentiated by {@link #backward()}.
 *
 * <p>A result is recorded if one of its inputs is tracked: a parameter, a tensor from {@link
 * #tracked()}, or a recorded result. Values are never changed by an operation. Axes may be counted
 * from the end. A tensor made while a {@link dev.cadenza.kernel.Workspace} is open lives in it.
 *
 * <p>Reading tensors is thread-safe.
 */
public final class Tensor {
  private static final ThreadLocal<Boolean> RECORDING = ThreadLocal.withInitial(() -> true);

  private Array array;
  private final @Nullable Node node;
  private final boolean tracked;

  Tensor(Array array, @Nullable Node node, boolean tracked) {
    this.array = array;
    this.node = node;
    this.tracked = tracked;
  }

  /** A float32 tensor with a copy of {@code values} in row-major order. */
  public static Tensor of(float[] values, int... shape) {
    return of(Array.of(values, Shape.of(shape)));
  }

  /** A float64 tensor with a copy of {@code values} in row-major order. */
  public static Tensor of(double[] values, int... shape) {
    return of(Array.of(values, Shape.of(shape)));
  }

  /** A tensor around an array; not a copy. */
  public static Tensor of(Array array) {
    return new Tensor(array, null, false);
  }

  /** A float32 tensor of zeros. */
  public static Tensor zeros(int... shape) {
    return of(Array.zeros(DType.FLOAT32, Shape.of(shape)));
  }

  /** The value of an op for these inputs, recorded if one of them is tracked. */
  public static Tensor apply(Op op, Tensor... in) {
    Array[] arrays = arrays(in);
    requireOneType(op, arrays);
    op.infer(shapes(in));
    boolean record = RECORDING.get() && Arrays.stream(in).anyMatch(Tensor::isTracked);
    Ctx ctx = new Ctx(record);
    Array value = op.forward(ctx, arrays);
    return new Tensor(value, record ? new Node(op, ctx, in.clone()) : null, record);
  }

  /**
   * The value of a fused op where a kernel for it exists, else of the composition it stands for.
   */
  public static Tensor applyFused(FusedOp op, Supplier<Tensor> composed, Tensor... in) {
    return op.available(arrays(in)) ? apply(op, in) : composed.get();
  }

  private static void requireOneType(Op op, Array... in) {
    for (Array a : in) {
      if (a.type() != in[0].type()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "%s: data types differ, %s and %s; convert one with cast()",
                op.getClass().getSimpleName(),
                in[0],
                a));
      }
    }
  }

  private static Array[] arrays(Tensor... in) {
    return Arrays.stream(in).map(Tensor::array).toArray(Array[]::new);
  }

  private static Shape[] shapes(Tensor... in) {
    return Arrays.stream(in).map(Tensor::shape).toArray(Shape[]::new);
  }

  /** Runs {@code body} without recording anything on this thread. */
  public static <T> T withoutRecording(Supplier<T> body) {
    boolean before = RECORDING.get();
    RECORDING.set(false);
    try {
      return body.get();
    } finally {
      RECORDING.set(before);
    }
  }

  public Shape shape() {
    return array.shape();
  }

  /** The size of an axis. */
  public int dim(int axis) {
    return shape().dim(axis);
  }

  public DType type() {
    return array.type();
  }

  /** The numbers, for ops and kernels. */
  public Array array() {
    return array;
  }

  /**
   * Gives a leaf other numbers of the same shape: how a layer changes the data type of its
   * parameters. Not thread-safe.
   */
  public void replace(Array other) {
    if (node != null) {
      throw new IllegalStateException("replace: " + this + " is the value of an op");
    }
    ShapeException.requireShape("replace", "array", shape(), other.shape());
    array = other;
  }

  /** True if gradients flow to or through this tensor. */
  public boolean isTracked() {
    return tracked;
  }

  @Nullable Node node() {
    return node;
  }

  /** True if no op made this tensor. */
  public boolean isLeaf() {
    return node == null;
  }

  /** The same numbers as a leaf that {@link #backward()} keeps a gradient for. */
  public Tensor tracked() {
    return new Tensor(array, null, true);
  }

  /** A copy of the numbers without history, outside of every workspace. */
  public Tensor detach() {
    return of(array.detach());
  }

  /** The same numbers in another data type, without history. */
  public Tensor cast(DType type) {
    return of(array.cast(type));
  }

  public float[] toFloatArray() {
    return array.toFloatArray();
  }

  public double[] toDoubleArray() {
    return array.toDoubleArray();
  }

  /** The only element. */
  public double item() {
    if (array.size() != 1) {
      throw new IllegalStateException("item: expected one element, got " + shape());
    }
    return array.toDoubleArray()[0];
  }

  // Element by element, with broadcasting.

  public Tensor add(Tensor b) {
    return apply(new Add(), this, b);
  }

  public Tensor sub(Tensor b) {
    return apply(new Sub(), this, b);
  }

  public Tensor mul(Tensor b) {
    return apply(new Mul(), this, b);
  }

  public Tensor div(Tensor b) {
    return apply(new Div(), this, b);
  }

  public Tensor add(double shift) {
    return apply(new Affine(1, shift), this);
  }

  public Tensor mul(double factor) {
    return apply(new Affine(factor, 0), this);
  }

  public Tensor neg() {
    return mul(-1);
  }

  public Tensor exp() {
    return apply(new Exp(), this);
  }

  /** The natural logarithm. */
  public Tensor log() {
    return apply(new Log(), this);
  }

  public Tensor sqrt() {
    return apply(new Sqrt(), this);
  }

  public Tensor tanh() {
    return apply(new Tanh(), this);
  }

  public Tensor sigmoid() {
    return apply(new Sigmoid(), this);
  }

  public Tensor relu() {
    return apply(new Relu(), this);
  }

  /** The exact Gaussian error linear unit. */
  public Tensor gelu() {
    return apply(new Gelu(), this);
  }

  /** Drops elements with probability {@code p}; the seed decides which. */
  public Tensor dropout(double p, long seed) {
    return p == 0 ? this : apply(new DropElements(p, seed), this);
  }

  // Sums.

  /** The sum over all elements, a scalar. */
  public Tensor sum() {
    return sum(allAxes());
  }

  /** The sum over some axes, which disappear. */
  public Tensor sum(int... axes) {
    return apply(new Sum(IntStream.of(axes).boxed().toList()), this);
  }

  /** The mean over all elements, a scalar. */
  public Tensor mean() {
    return mean(allAxes());
  }

  /** The mean over some axes, which disappear. */
  public Tensor mean(int... axes) {
    Tensor sum = sum(axes);
    return sum.mul((double) sum.shape().size() / shape().size());
  }

  private int[] allAxes() {
    return IntStream.range(0, shape().rank()).toArray();
  }

  // Shape.

  public Tensor reshape(int... shape) {
    return apply(new Reshape(Shape.of(shape)), this);
  }

  /** All axes from {@code axis} on become one. */
  public Tensor flatten(int axis) {
    int from = shape().axis(axis);
    return reshape(shape().slice(0, from).append(shape().size(from, shape().rank())).dims());
  }

  /** Axis i of the result is axis {@code order[i]} of this. */
  public Tensor permute(int... order) {
    return apply(new Permute(IntStream.of(order).boxed().toList()), this);
  }

  /** Exchanges two axes. */
  public Tensor transpose(int a, int b) {
    int[] order = allAxes();
    order[shape().axis(a)] = shape().axis(b);
    order[shape().axis(b)] = shape().axis(a);
    return permute(order);
  }

  /** The elements {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
  public Tensor slice(int axis, int from, int to) {
    return apply(new Slice(axis, from, to), this);
  }

  /** Tensors one after the other along an axis. */
  public static Tensor concat(int axis, Tensor... parts) {
    return apply(new Concat(axis), parts);
  }

  // Products, windows, distributions.

  /** Matrix product of the last two axes; leading axes broadcast. */
  public Tensor matmul(Tensor b) {
    return apply(new MatMul(), this, b);
  }

  /** The largest element of each window of an image [N, C, H, W]. */
  public Tensor maxPool2d(Window window) {
    return apply(new MaxPooling2d(window), this);
  }

  public Tensor softmax(int axis) {
    return apply(new SoftmaxAlong(axis, false), this);
  }

  public Tensor logSoftmax(int axis) {
    return apply(new SoftmaxAlong(axis, true), this);
  }

  // Gradients.

  /**
   * The gradients of this scalar with respect to every tracked leaf it depends on.
   *
   * @throws IllegalStateException if this is not a single number, or nothing was recorded
   */
  public Gradients backward() {
    if (array.size() != 1) {
      throw new IllegalStateException(
          String.format(
                  Locale.ROOT,
                  "backward: expected a single number, got %s; reduce it with sum() or mean(), or pass the",
                  shape())
              + " gradient to start from");
    }
    return backward(of(Array.full(type(), shape(), 1)));
  }

  /** The gradients of {@code sum(this * g)} with respect to every tracked leaf. */
  public Gradients backward(Tensor g) {
    if (!tracked) {
      throw new IllegalStateException(
          "backward: nothing was recorded; is a parameter or a tracked() tensor among the inputs,"
              + " and was the pass a training one?");
    }
    if (!g.shape().equals(shape())) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "backward: expected a gradient of shape %s, got %s",
              shape(),
              g.shape()));
    }
    Map<Tensor, Array> leaves = new IdentityHashMap<>();
    Map<Node, Array> pending = new IdentityHashMap<>();
    PriorityQueue<Node> queue = new PriorityQueue<>((a, b) -> Long.compare(b.number(), a.number()));
    deliver(this, g.array, leaves, pending, queue);
    while (!queue.isEmpty()) {
      Node next = queue.remove();
      Array gradient = pending.remove(next);
      if (gradient == null) {
        throw new AssertionError("a node in the queue has a gradient");
      }
      boolean[] needed = new boolean[next.inputs().length];
      for (int i = 0; i < needed.length; i++) {
        needed[i] = next.inputs()[i].tracked;
      }
      Grads grads = new Grads(shapes(next.inputs()), needed);
      next.op().backward(next.ctx(), gradient, grads);
      for (int i = 0; i < needed.length; i++) {
        Array gi = grads.get(i);
        if (gi != null) {
          deliver(next.inputs()[i], gi, leaves, pending, queue);
        }
      }
    }
    return new Gradients(leaves);
  }

  private static void deliver(
      Tensor to,
      Array g,
      Map<Tensor, Array> leaves,
      Map<Node, Array> pending,
      PriorityQueue<Node> queue) {
    Node made = to.node;
    if (made == null) {
      leaves.merge(to, g, Tensor::sum);
    } else if (pending.merge(made, g, Tensor::sum) == g) {
      queue.add(made);
    }
  }

  private static Array sum(Array a, Array b) {
    return Kernels.of(a).elementwise().add(a, b);
  }

  @Override
  public String toString() {
    return "tensor " + array;
  }
}
