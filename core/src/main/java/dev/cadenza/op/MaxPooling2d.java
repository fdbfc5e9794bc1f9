package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import java.util.Locale;

/**
 * The largest element of each window: x [N, C, H, W], y [N, C, window.outH(H), window.outW(W)]. The
 * gradient goes to the first largest element in row-major order, or to the last NaN, as in PyTorch.
 */
public record MaxPooling2d(Window window) implements Op {
  public MaxPooling2d {
    if (2 * window.padH() > window.kH() || 2 * window.padW() > window.kW()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "maxPool2d: padding [%d, %d] must be at most half of the kernel [%d, %d]",
              window.padH(),
              window.padW(),
              window.kH(),
              window.kW()));
    }
  }

  @Override
  public Shape infer(Shape... in) {
    ShapeException.requireRank("maxPool2d", "input", "[N, C, H, W]", 4, in[0]);
    return window.out("maxPool2d", in[0], in[0].dim(1));
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    Array y = Kernels.of(in[0]).convolution().maxPool(in[0], window);
    ctx.save(in[0], y);
    return y;
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(
        0,
        () -> Kernels.of(g).convolution().maxPoolGradient(ctx.saved(0), ctx.saved(1), g, window));
  }
}
