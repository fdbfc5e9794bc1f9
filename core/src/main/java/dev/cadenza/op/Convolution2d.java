package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Convolution;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * 2-D convolution (cross-correlation): x [N, C, H, W], weight [Cout, C / groups, kH, kW], bias
 * [Cout] (may be left out), y [N, Cout, window.outH(H), window.outW(W)].
 */
public record Convolution2d(Window window, int groups) implements Op {
  public Convolution2d {
    if (groups < 1) {
      throw new ShapeException("conv2d: groups must be at least 1, got " + groups);
    }
  }

  @Override
  public Shape infer(Shape... in) {
    Shape x = in[0];
    Shape w = in[1];
    ShapeException.requireRank("conv2d", "input", "[N, C, H, W]", 4, x);
    ShapeException.requireRank("conv2d", "weight", "[Cout, C/groups, kH, kW]", 4, w);
    if (w.dim(0) % groups != 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: %d groups do not divide the output channels of weight %s",
              groups,
              w));
    }
    if (x.dim(1) != w.dim(1) * groups) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: channels differ, input has %d, weight has %d x %d groups (input %s, weight %s)",
              x.dim(1),
              w.dim(1),
              groups,
              x,
              w));
    }
    if (w.dim(2) != window.kH() || w.dim(3) != window.kW()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: kernel sizes differ, window has %dx%d, weight has %dx%d (weight %s)",
              window.kH(),
              window.kW(),
              w.dim(2),
              w.dim(3),
              w));
    }
    if (in.length > 2) {
      ShapeException.requireShape("conv2d", "bias", Shape.of(w.dim(0)), in[2]);
    }
    return window.out("conv2d", x, w.dim(0));
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.save(in[0], in[1]);
    @Nullable Array bias = in.length > 2 ? in[2] : null;
    return Kernels.of(in[0]).convolution().conv2d(in[0], in[1], bias, window, groups);
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Convolution c = Kernels.of(g).convolution();
    Array x = ctx.saved(0);
    Array w = ctx.saved(1);
    grads.add(0, () -> c.inputGradient(g, w, x.shape(), window, groups));
    grads.add(1, () -> c.weightGradient(g, x, w.shape(), window, groups));
    if (grads.inputs() > 2) {
      Shape bias = Shape.of(w.shape().dim(0));
      grads.add(2, () -> Kernels.of(g).elementwise().sum(g, 0, 2, 3).reshape(bias));
    }
  }
}
