package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Weighted sums of rows as plain loops, which the compiler of the JVM turns into vectors by itself:
 * nearly as fast as the Vector API in the end, and a hundred times as fast before it has come by.
 */
final class WeightedRows {
  private WeightedRows() {}

  /** {@code y[i] = sum_j w[j] * x[first + j][i]} for i in [0, n). */
  static void sum(float[] w, float[][] x, int first, float[] y, int n) {
    Arrays.fill(y, 0, n, 0);
    int j = 0;
    // Four at a time, so that the running sum is loaded, rounded and stored a quarter as often; a
    // loop over eight is too long for the compiler to unroll and hence to make vectors of.
    for (; j + 3 < w.length; j += 4) {
      addFour(w, j, x, first + j, y, n);
    }
    for (; j < w.length; j++) {
      addOne(w[j], x[first + j], y, n);
    }
  }

  private static void addFour(float[] w, int j, float[][] x, int k, float[] y, int n) {
    float w0 = w[j];
    float w1 = w[j + 1];
    float w2 = w[j + 2];
    float w3 = w[j + 3];
    float[] x0 = x[k];
    float[] x1 = x[k + 1];
    float[] x2 = x[k + 2];
    float[] x3 = x[k + 3];
    for (int i = 0; i < n; i++) {
      y[i] += (w0 * x0[i] + w1 * x1[i]) + (w2 * x2[i] + w3 * x3[i]);
    }
  }

  private static void addOne(float w, float[] x, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] += w * x[i];
    }
  }
}
