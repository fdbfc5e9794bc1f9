package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.Locale;

/** The same elements in row-major order under another shape. */
public record Reshape(Shape shape) implements Op {
  @Override
  public Shape infer(Shape... in) {
    if (in[0].size() != shape.size()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "reshape: element counts differ, %s has %d, %s has %d",
              in[0],
              in[0].size(),
              shape,
              shape.size()));
    }
    return shape;
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.keep(in[0].shape());
    return in[0].reshape(shape);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(0, () -> g.reshape(ctx.kept(Shape.class)));
  }
}
