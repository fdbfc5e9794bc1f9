package dev.cadenza.shape;

import java.util.Locale;

/**
 * A window that slides over the last two axes [H, W] of an image: kernel size, stride, zero padding
 * on each side, and dilation (distance between taps). Used by convolution and pooling.
 *
 * <p>Start from {@link #of(int, int)} or {@link #square(int)}: stride 1, no padding, dilation 1;
 * {@link #pool(int, int)} has a stride equal to its kernel.
 */
public record Window(
    int kH, int kW, int strideH, int strideW, int padH, int padW, int dilationH, int dilationW) {

  public Window {
    positive("kernel", kH, kW);
    positive("stride", strideH, strideW);
    positive("dilation", dilationH, dilationW);
    if (padH < 0 || padW < 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "window: padding must not be negative, got [%d, %d]", padH, padW));
    }
  }

  private static void positive(String what, int h, int w) {
    if (h < 1 || w < 1) {
      throw new ShapeException(
          String.format(Locale.ROOT, "window: %s must be at least 1, got [%d, %d]", what, h, w));
    }
  }

  /** A kernel with stride 1, no padding and no dilation. */
  public static Window of(int kH, int kW) {
    return new Window(kH, kW, 1, 1, 0, 0, 1, 1);
  }

  public static Window square(int k) {
    return of(k, k);
  }

  /** A pooling window: windows do not overlap, a remainder at the end is left out. */
  public static Window pool(int kH, int kW) {
    return of(kH, kW).stride(kH, kW);
  }

  public Window stride(int h, int w) {
    return new Window(kH, kW, h, w, padH, padW, dilationH, dilationW);
  }

  public Window padding(int h, int w) {
    return new Window(kH, kW, strideH, strideW, h, w, dilationH, dilationW);
  }

  public Window dilation(int h, int w) {
    return new Window(kH, kW, strideH, strideW, padH, padW, h, w);
  }

  /** True if the window moves by one step in both directions. */
  public boolean unitStride() {
    return strideH == 1 && strideW == 1;
  }

  /** True if windows stand side by side, as those of {@link #pool} do. */
  public boolean sideBySide() {
    boolean whole = padH == 0 && padW == 0 && dilationH == 1 && dilationW == 1;
    return whole && strideH == kH && strideW == kW;
  }

  /** Output height for input height {@code h}; below 1 if the window does not fit. */
  public int outH(int h) {
    return out(h, kH, strideH, padH, dilationH);
  }

  /** Output width for input width {@code w}; below 1 if the window does not fit. */
  public int outW(int w) {
    return out(w, kW, strideW, padW, dilationW);
  }

  private static int out(int n, int k, int stride, int pad, int dilation) {
    return Math.floorDiv(n + 2 * pad - dilation * (k - 1) - 1, stride) + 1;
  }

  /**
   * The output shape [N, channels, outH, outW] for an image [N, C, H, W].
   *
   * @throws ShapeException if the image has not four axes or the window does not fit into it
   */
  public Shape out(String op, Shape image, int channels) {
    ShapeException.requireRank(op, "input", "[N, C, H, W]", 4, image);
    int h = outH(image.dim(2));
    int w = outW(image.dim(3));
    if (h < 1 || w < 1) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "%s: a %dx%d window does not fit into height %d, width %d (padding %dx%d, input %s)",
              op,
              kH,
              kW,
              image.dim(2),
              image.dim(3),
              padH,
              padW,
              image));
    }
    return Shape.of(image.dim(0), channels, h, w);
  }
}
