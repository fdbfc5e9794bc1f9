package dev.cadenza.audio.feature;

/** Test signals by formulas that the golden script shares; every value is exact in both. */
final class Signals {
  private Signals() {}

  /** White noise in [-1, 1): a 32-bit linear congruential generator's upper 24 bits. */
  static float[] noise(int n, int seed) {
    float[] x = new float[n];
    int state = seed;
    for (int i = 0; i < n; i++) {
      state = state * 1664525 + 1013904223;
      x[i] = (state >> 8) / (float) (1 << 23);
    }
    return x;
  }
}
