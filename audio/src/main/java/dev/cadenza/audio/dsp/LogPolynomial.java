package dev.cadenza.audio.dsp;

/**
 * {@code scale * ln(x)} of normal positive floats: {@code x = 2^e m} with m in {@code [sqrt(1/2),
 * sqrt(2))}, and {@code ln m} as the minimax polynomial of Cephes' {@code logf}. The exponent's
 * share is split in two, of which the larger is exact, so that only the last addition rounds
 * noticeably: {@link Math#log10} is as exact and ten times slower.
 */
record LogPolynomial(float scale, float exponentHigh, float exponentLow) {
  /** Bits of sqrt(1/2); subtracting them moves the exponent's step from 1 to sqrt(2). */
  private static final int SQRT_HALF = 0x3f3504f3;

  private static final int MANTISSA = 0x007fffff;

  /** From the highest power, of {@code (ln(1+t) - t + t^2/2) / t^3}. */
  private static final float P0 = 7.0376836292E-2f;

  private static final float P1 = -1.1514610310E-1f;
  private static final float P2 = 1.1676998740E-1f;
  private static final float P3 = -1.2420140846E-1f;
  private static final float P4 = 1.4249322787E-1f;
  private static final float P5 = -1.6668057665E-1f;
  private static final float P6 = 2.0000714765E-1f;
  private static final float P7 = -2.4999993993E-1f;
  private static final float P8 = 3.3333331174E-1f;

  LogPolynomial(double scale) {
    this((float) scale, high(scale), (float) (scale * Math.log(2) - high(scale)));
  }

  /** The leading 12 bits of {@code scale * ln 2}: its product with an exponent is exact. */
  private static float high(double scale) {
    return Float.intBitsToFloat(
        Float.floatToRawIntBits((float) (scale * Math.log(2))) & 0xfffff000);
  }

  /** {@code x[i] = scale * ln(max(floor, x[i]))} for i in [0, n). */
  void apply(float[] x, int n, float floor) {
    float[] e = new float[n];
    int lowest = Float.floatToRawIntBits(floor);
    // Two loops: the compiler makes vectors of the second, not of bits that change their type.
    for (int i = 0; i < n; i++) {
      // Bits of positive numbers are ordered as they are, and those of negative ones below.
      int bits = Math.max(lowest, Float.floatToRawIntBits(x[i])) - SQRT_HALF;
      e[i] = bits >> 23;
      x[i] = Float.intBitsToFloat((bits & MANTISSA) + SQRT_HALF) - 1;
    }
    for (int i = 0; i < n; i++) {
      float t = x[i];
      float p = P0 * t + P1;
      p = p * t + P2;
      p = p * t + P3;
      p = p * t + P4;
      p = p * t + P5;
      p = p * t + P6;
      p = p * t + P7;
      p = p * t + P8;
      float z = t * t;
      float ln = t + (p * t * z - 0.5f * z);
      x[i] = (ln * scale + e[i] * exponentLow) + e[i] * exponentHigh;
    }
  }
}
