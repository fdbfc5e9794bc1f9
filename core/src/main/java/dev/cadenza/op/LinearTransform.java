package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Matrix;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = x weight^T + bias}: x [.., in], weight [out, in], bias [out] (may be left out), y [..,
 * out].
 */
public record LinearTransform() implements Op {
  @Override
  public Shape infer(Shape... in) {
    Shape x = in[0];
    Shape w = in[1];
    ShapeException.requireRank("linear", "weight", "[out, in]", 2, w);
    if (x.rank() < 1) {
      throw ShapeException.expected("linear", "input", "[.., in]", x);
    }
    if (x.dim(-1) != w.dim(1)) {
      throw ShapeException.mismatch("linear", "features", "input", x, -1, "weight", w, 1);
    }
    if (in.length > 2) {
      ShapeException.requireShape("linear", "bias", Shape.of(w.dim(0)), in[2]);
    }
    return x.with(-1, w.dim(0));
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array x = rows(in[0]);
    ctx.save(x, in[1]);
    @Nullable Array bias = in.length > 2 ? in[2] : null;
    Shape[] shapes = {in[0].shape(), in[1].shape()};
    return Kernels.of(x).matrix().linear(x, in[1], bias).reshape(infer(shapes));
  }

  @Override
  public UnaryOperator<Array> bind(Array... in) {
    UnaryOperator<Array> f = Kernels.of(in[0]).matrix().linear(in[1], in.length > 2 ? in[2] : null);
    int out = in[1].shape().dim(0);
    return x -> f.apply(rows(x)).reshape(x.shape().with(-1, out));
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Matrix m = Kernels.of(g).matrix();
    Array rows = rows(g);
    Array x = ctx.saved(0);
    Array w = ctx.saved(1);
    Shape input = g.shape().with(-1, w.shape().dim(1));
    boolean biasToo = grads.inputs() > 2 && grads.needs(2);
    if (grads.needs(1)) {
      Matrix.LinearGradients r = m.linearGradient(x, w, rows, grads.needs(0), biasToo);
      grads.add(0, () -> Objects.requireNonNull(r.x()).reshape(input));
      grads.add(1, r::weight);
      if (biasToo) {
        grads.add(2, () -> Objects.requireNonNull(r.bias()));
      }
      return;
    }
    grads.add(0, () -> m.matmul(rows, false, w, false).reshape(input));
    if (biasToo) {
      grads.add(2, () -> Kernels.of(g).elementwise().sum(rows, 0));
    }
  }

  private static Array rows(Array x) {
    int features = x.shape().dim(-1);
    return x.reshape(Shape.of(features == 0 ? 0 : x.size() / features, features));
  }
}
