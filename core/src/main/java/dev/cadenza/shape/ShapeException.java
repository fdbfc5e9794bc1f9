package dev.cadenza.shape;

import java.util.Locale;

/**
 * Shapes that do not fit together: a mistake in the program, found before any arithmetic. The
 * message names the operation, both numbers and both shapes.
 */
public final class ShapeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public ShapeException(String message) {
    super(message);
  }

  /**
   * Two axes that should have the same size: {@code matmul: inner dimensions differ, a has 3, b has
   * 4 (a [2, 3], b [4, 5])}.
   */
  public static ShapeException mismatch(
      String op, String what, String a, Shape sa, int axisA, String b, Shape sb, int axisB) {
    return new ShapeException(
        String.format(
            Locale.ROOT,
            "%s: %s differ, %s has %d, %s has %d (%s %s, %s %s)",
            op,
            what,
            a,
            sa.dim(axisA),
            b,
            sb.dim(axisB),
            a,
            sa,
            b,
            sb));
  }

  /**
   * An input whose number of axes is wrong: {@code conv2d: input needs [N, C, H, W], got [3, 4]}.
   */
  public static ShapeException expected(String op, String what, String axes, Shape got) {
    return new ShapeException(
        String.format(Locale.ROOT, "%s: %s needs %s, got %s", op, what, axes, got));
  }

  /** Checks the number of axes; {@code axes} is the legend that the message shows. */
  public static void requireRank(String op, String what, String axes, int rank, Shape got) {
    if (got.rank() != rank) {
      throw expected(op, what, axes, got);
    }
  }

  /** Checks a shape against the one that is wanted. */
  public static void requireShape(String op, String what, Shape want, Shape got) {
    if (!want.equals(got)) {
      throw expected(op, what, want.toString(), got);
    }
  }
}
