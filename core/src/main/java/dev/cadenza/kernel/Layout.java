package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.List;

/** Moving numbers without changing them. */
public interface Layout {
  /** Axis i of the result is axis {@code order[i]} (not negative) of {@code x}. */
  Array permute(Array x, int... order);

  /**
   * Repeats {@code x} along axes of size 1, and along missing leading axes, up to {@code shape}.
   */
  Array broadcast(Array x, Shape shape);

  Array concat(List<Array> parts, int axis);

  /** The elements {@code from} (inclusive) to {@code to} (exclusive) of an axis. */
  Array slice(Array x, int axis, int from, int to);

  /** The inverse of {@link #slice}: {@code g} in its place in an array of zeros. */
  Array pad(Array g, Shape shape, int axis, int from);
}
