package dev.cadenza.nn;

import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;

/**
 * The largest element of each window.
 *
 * <pre>
 *   input   [N, C, H, W]
 *   output  [N, C, window.outH(H), window.outW(W)]
 * </pre>
 */
public final class MaxPool2d extends Layer {
  private final Window window;

  /** See {@link Window#pool} for windows that do not overlap. */
  public MaxPool2d(Window window) {
    this.window = window;
  }

  public Window window() {
    return window;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return x.maxPool2d(window);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "MaxPool2d(%dx%d)", window.kH(), window.kW());
  }
}
