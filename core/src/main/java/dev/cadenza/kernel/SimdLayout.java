package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.List;

/**
 * {@link Layout} by copies through the heap: an ND4J view costs more than moving the few numbers
 * that it is mostly used for. Other types than float32 are left to the portable kernels.
 */
final class SimdLayout implements Layout {
  /** Numbers whose copying is worth a task of its own. */
  private static final int LEAST_COPY = 1 << 14;

  private static final int FROM = 0;
  private static final int TO = 1;

  private final Layout portable;

  SimdLayout(Layout portable) {
    this.portable = portable;
  }

  @Override
  public Array permute(Array x, int... order) {
    Shape out = x.shape().permute(order);
    if (x.size() == 0 || order.length < 2) {
      return x.reshape(out);
    }
    int[] own = x.shape().strides();
    int[] steps = new int[order.length];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = own[order[i]];
    }
    return gather(x, out, steps);
  }

  /**
   * @param steps in x, of each axis of the result
   */
  private static Array gather(Array x, Shape out, int[] steps) {
    int rank = steps.length;
    Array y = Array.uninitialized(DType.FLOAT32, out);
    float[] from = Scratch.mine().floats(FROM, x.size());
    x.read(0, from, 0, x.size());
    int length = out.dim(-1);
    int rows = out.size() / length;
    int rowsAtOnce = Math.max(1, LEAST_COPY / length);
    Threads.parallelFor(
        (rows + rowsAtOnce - 1) / rowsAtOnce,
        task -> {
          int first = task * rowsAtOnce;
          int last = Math.min(rows, first + rowsAtOnce);
          float[] to = Scratch.mine().floats(TO, rowsAtOnce * length);
          for (int row = first; row < last; row++) {
            int at = 0;
            for (int axis = rank - 2, rest = row; axis >= 0; axis--) {
              at += rest % out.dim(axis) * steps[axis];
              rest /= out.dim(axis);
            }
            int start = (row - first) * length;
            for (int i = start; i < start + length; i++, at += steps[rank - 1]) {
              to[i] = from[at];
            }
          }
          y.write(first * length, to, 0, (last - first) * length);
        });
    return y;
  }

  @Override
  public Array broadcast(Array x, Shape shape) {
    if (shape.size() == 0 || shape.rank() == 0) {
      return portable.broadcast(x, shape);
    }
    int[] own = x.shape().strides();
    int[] steps = new int[shape.rank()];
    for (int i = 1; i <= own.length; i++) {
      steps[steps.length - i] = x.shape().dim(-i) == 1 ? 0 : own[own.length - i];
    }
    return gather(x, shape, steps);
  }

  @Override
  public Array concat(List<Array> parts, int axis) {
    int length = parts.stream().mapToInt(p -> p.shape().dim(axis)).sum();
    Array y = Array.uninitialized(DType.FLOAT32, parts.get(0).shape().with(axis, length));
    int start = 0;
    for (Array part : parts) {
      copy(part, 0, y, start, axis, part.shape().dim(axis));
      start += part.shape().dim(axis);
    }
    return y;
  }

  @Override
  public Array slice(Array x, int axis, int from, int to) {
    Array y = Array.uninitialized(DType.FLOAT32, x.shape().with(axis, to - from));
    copy(x, from, y, 0, axis, to - from);
    return y;
  }

  @Override
  public Array pad(Array g, Shape shape, int axis, int from) {
    Array out = Array.zeros(DType.FLOAT32, shape);
    copy(g, 0, out, from, axis, g.shape().dim(axis));
    return out;
  }

  /** Copies {@code length} elements of an axis; the other axes are the same. */
  private static void copy(Array from, int first, Array to, int start, int axis, int length) {
    int inner = 1;
    for (int i = axis + 1; i < from.shape().rank(); i++) {
      inner *= from.shape().dim(i);
    }
    int fromStep = from.shape().dim(axis) * inner;
    int toStep = to.shape().dim(axis) * inner;
    if (fromStep == 0 || from.size() == 0) {
      return;
    }
    float[] run = Scratch.mine().floats(FROM, length * inner);
    for (int i = 0; i < from.size() / fromStep; i++) {
      from.read(i * fromStep + first * inner, run, 0, length * inner);
      to.write(i * toStep + start * inner, run, 0, length * inner);
    }
  }
}
