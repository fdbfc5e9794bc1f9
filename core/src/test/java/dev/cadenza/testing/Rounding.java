package dev.cadenza.testing;

import dev.cadenza.kernel.DType;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;

/** How far a correct computation may be from the exact result. */
public final class Rounding {
  private Rounding() {}

  /** The distance from 1 to the next number: 2^-23 or 2^-52. */
  public static double ulp(DType type) {
    return type == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1d);
  }

  /**
   * A bound on the error of results that sum {@code terms} products each: every one of the terms'
   * multiplications and additions rounds by half an ulp of what has been summed so far, at most
   * {@code terms * ulp * size}, where size is the largest magnitude among terms and results. Random
   * errors grow with the root of the number of terms, so a correct kernel stays well below.
   */
  public static double bound(DType type, int terms, double size) {
    return terms * ulp(type) * size;
  }

  /** The largest finite magnitude in a tensor, at least 1. */
  public static double size(Tensor x) {
    return Arrays.stream(x.toDoubleArray())
        .filter(Double::isFinite)
        .map(Math::abs)
        .reduce(1, Math::max);
  }
}
