package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Sums of rows. Loops in which all arrays share one index are those that the JVM vectorises, on 17
 * too.
 */
final class RowMath {
  private RowMath() {}

  /** {@code y[i] = sum_j w[j] * x[first + j][i]} for i in [0, n). */
  static void weightedSum(float[] w, float[][] x, int first, float[] y, int n) {
    Arrays.fill(y, 0, n, 0);
    int j = 0;
    // Eight at a time: the running sum is loaded, rounded and stored an eighth as often.
    for (; j + 7 < w.length; j += 8) {
      addEight(w, j, x, first + j, y, n);
    }
    for (; j + 1 < w.length; j += 2) {
      addTwo(w[j], x[first + j], w[j + 1], x[first + j + 1], y, n);
    }
    if (j < w.length) {
      addTwo(w[j], x[first + j], 0, x[first + j], y, n);
    }
  }

  private static void addEight(float[] w, int j, float[][] x, int k, float[] y, int n) {
    float w0 = w[j];
    float w1 = w[j + 1];
    float w2 = w[j + 2];
    float w3 = w[j + 3];
    float w4 = w[j + 4];
    float w5 = w[j + 5];
    float w6 = w[j + 6];
    float w7 = w[j + 7];
    float[] x0 = x[k];
    float[] x1 = x[k + 1];
    float[] x2 = x[k + 2];
    float[] x3 = x[k + 3];
    float[] x4 = x[k + 4];
    float[] x5 = x[k + 5];
    float[] x6 = x[k + 6];
    float[] x7 = x[k + 7];
    for (int i = 0; i < n; i++) {
      y[i] +=
          ((w0 * x0[i] + w1 * x1[i]) + (w2 * x2[i] + w3 * x3[i]))
              + ((w4 * x4[i] + w5 * x5[i]) + (w6 * x6[i] + w7 * x7[i]));
    }
  }

  private static void addTwo(float w0, float[] x0, float w1, float[] x1, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] += w0 * x0[i] + w1 * x1[i];
    }
  }

  /** {@code y[i] = a[i] + sign * b[i]}. */
  static void combine(float[] a, float sign, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] + sign * b[i];
    }
  }
}
