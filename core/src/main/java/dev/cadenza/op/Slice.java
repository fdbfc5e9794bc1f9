package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.Locale;

/** The elements {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
public record Slice(int axis, int from, int to) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (from < 0 || to < from || to > in[0].dim(axis)) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "slice: [%d, %d) is outside of axis %d of %s", from, to, axis, in[0]));
    }
    return in[0].with(axis, to - from);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.keep(in[0].shape());
    return Kernels.of(in[0]).layout().slice(in[0], in[0].shape().axis(axis), from, to);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Shape input = ctx.kept(Shape.class);
    grads.add(0, () -> Kernels.of(g).layout().pad(g, input, input.axis(axis), from));
  }
}
