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
    Shape out = window.out("maxPool2d", in[0], in[0].dim(1));
    requireContent(in[0], 2, window.padH(), window.strideH(), window.dilationH());
    requireContent(in[0], 3, window.padW(), window.strideW(), window.dilationW());
    return out;
  }

  /** Taps so far apart that one falls on each side of the image leave nothing to choose from. */
  private static void requireContent(Shape x, int axis, int pad, int stride, int dilation) {
    for (int start = -pad; start < 0; start += stride) {
      if (Math.floorMod(start, dilation) >= x.dim(axis)) {
        throw new ShapeException(
            String.format(
                Locale.ROOT,
                "maxPool2d: the window that starts at %d holds padding alone, its taps are %d apart"
                    + " and %s %d (input %s)",
                start,
                dilation,
                axis == 2 ? "the height is" : "the width is",
                x.dim(axis),
                x));
      }
    }
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
