package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import org.jspecify.annotations.Nullable;

/**
 * Convolution and pooling of images [N, C, H, W]. A convolution is, as everywhere in deep learning,
 * a cross-correlation: the kernel is not mirrored.
 */
public interface Convolution {
  /**
   * {@code x [N, C, H, W], weight [Cout, C / groups, kH, kW], bias [Cout] -> [N, Cout, outH,
   * outW]}.
   */
  Array conv2d(Array x, Array weight, @Nullable Array bias, Window window, int groups);

  /** The gradient of {@link #conv2d} with respect to its input. */
  Array inputGradient(Array g, Array weight, Shape input, Window window, int groups);

  /** The gradient of {@link #conv2d} with respect to its weight. */
  Array weightGradient(Array g, Array x, Shape weight, Window window, int groups);

  /** The largest element of each window; padding never wins. */
  Array maxPool(Array x, Window window);

  /**
   * The gradient of {@link #maxPool}: each window's gradient goes to its first largest element, in
   * row-major order.
   */
  Array maxPoolGradient(Array x, Array y, Array g, Window window);
}
