package dev.cadenza.kernel;

/** Arithmetic on each element, with broadcasting where two arrays meet, and sums. */
public interface Elementwise {
  Array add(Array a, Array b);

  Array sub(Array a, Array b);

  Array mul(Array a, Array b);

  Array div(Array a, Array b);

  /** {@code scale * x + shift}. */
  Array affine(Array x, double scale, double shift);

  Array exp(Array x);

  /** The natural logarithm. */
  Array log(Array x);

  Array sqrt(Array x);

  Array tanh(Array x);

  Array sigmoid(Array x);

  /** The Gauss error function. */
  Array erf(Array x);

  /** {@code max(x, 0)}. */
  Array relu(Array x);

  /**
   * 0 where {@code y <= 0}, else {@code g}, so that NaN passes; {@code y} is the value of {@link
   * #relu}.
   */
  Array reluGradient(Array y, Array g);

  /**
   * Drops elements with probability {@code p} and scales the others by {@code 1 / (1 - p)}. Which
   * ones are dropped depends on the seed and the element's place alone, see {@link DropoutMask}:
   * the gradient is the same call on the gradient.
   */
  Array dropout(Array x, double p, long seed);

  /** Sums over the given axes (not negative), which keep a size of 1. */
  Array sum(Array x, int... axes);
}
