package dev.cadenza.audio.dsp;

/**
 * {@code scale * ln(x)} of normal positive floats: {@code x = 2^e m} with m in {@code [sqrt(1/2),
 * sqrt(2))}, and {@code ln m} as the minimax polynomial of Cephes' {@code logf}. The exponent's
 * share is split in two, of which the larger is exact, so that only the last addition rounds
 * noticeably: {@link Math#log10} is as exact and ten times slower.
 */
record LogPolynomial(float scale, float exponentHigh, float exponentLow) {
  /** Bits of sqrt(1/2); subtracting them moves the exponent's step from 1 to sqrt(2). */
  static final int SQRT_HALF = 0x3f3504f3;

  static final int MANTISSA = 0x007fffff;

  /** From the highest power, of {@code (ln(1+t) - t + t^2/2) / t^3}. */
  static final float[] P = {
    7.0376836292E-2f,
    -1.1514610310E-1f,
    1.1676998740E-1f,
    -1.2420140846E-1f,
    1.4249322787E-1f,
    -1.6668057665E-1f,
    2.0000714765E-1f,
    -2.4999993993E-1f,
    3.3333331174E-1f
  };

  LogPolynomial(double scale) {
    this((float) scale, high(scale), (float) (scale * Math.log(2) - high(scale)));
  }

  /** The leading 12 bits of {@code scale * ln 2}: its product with an exponent is exact. */
  private static float high(double scale) {
    return Float.intBitsToFloat(
        Float.floatToRawIntBits((float) (scale * Math.log(2))) & 0xfffff000);
  }

  float of(float x) {
    int bits = Float.floatToRawIntBits(x) - SQRT_HALF;
    float e = bits >> 23;
    float t = Float.intBitsToFloat((bits & MANTISSA) + SQRT_HALF) - 1;
    float p = P[0];
    for (int k = 1; k < P.length; k++) {
      p = p * t + P[k];
    }
    float z = t * t;
    float ln = t + (p * t * z - 0.5f * z);
    return (ln * scale + e * exponentLow) + e * exponentHigh;
  }
}
