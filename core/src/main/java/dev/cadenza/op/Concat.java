package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.List;

/** Arrays one after the other along an axis; all other sizes must be the same. */
public record Concat(int axis) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in.length == 0) {
      throw new ShapeException("concat: expected at least one input");
    }
    Shape first = in[0];
    int length = 0;
    for (Shape s : in) {
      ShapeException.requireRank("concat", "every input", first.toString(), first.rank(), s);
      for (int i = 0; i < first.rank(); i++) {
        if (i != first.axis(axis) && s.dim(i) != first.dim(i)) {
          throw ShapeException.mismatch("concat", "sizes", "a", first, i, "b", s, i);
        }
      }
      length += s.dim(axis);
    }
    return first.with(axis, length);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.keep(List.of(in).stream().mapToInt(a -> a.shape().dim(axis)).toArray());
    return Kernels.of(in[0]).layout().concat(List.of(in), in[0].shape().axis(axis));
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    int[] lengths = ctx.kept(int[].class);
    int start = 0;
    for (int i = 0; i < lengths.length; i++) {
      int from = start;
      int to = start + lengths[i];
      grads.add(i, () -> Kernels.of(g).layout().slice(g, g.shape().axis(axis), from, to));
      start = to;
    }
  }
}
