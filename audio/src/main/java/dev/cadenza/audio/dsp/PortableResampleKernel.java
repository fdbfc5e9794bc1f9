package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Plain loops over arrays that share one index, which the JIT compiler of Java 17 vectorises; for
 * that each row is copied first, which costs little beside {@value PolyphaseFilter#GROUP} products.
 */
final class PortableResampleKernel implements ResampleKernel {

  /** Long enough for the unrolled vector loops that the compiler makes. */
  private static final int TILE = 256;

  private static final int MAX_FLOATS = 1 << 20;

  @Override
  public int tile(int streams) {
    return Math.max(16, Math.min(TILE, Integer.highestOneBit(MAX_FLOATS / streams)));
  }

  @Override
  public void product(float[] z, int[] rows, float[] taps, float[] y, int tile, int count) {
    float[] x = new float[count];
    float[] y0 = new float[count];
    float[] y1 = new float[count];
    float[] y2 = new float[count];
    float[] y3 = new float[count];
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(z, rows[k], x, 0, count);
      float h0 = taps[4 * k];
      float h1 = taps[4 * k + 1];
      float h2 = taps[4 * k + 2];
      float h3 = taps[4 * k + 3];
      for (int i = 0; i < count; i++) {
        y0[i] += h0 * x[i];
        y1[i] += h1 * x[i];
        y2[i] += h2 * x[i];
        y3[i] += h3 * x[i];
      }
    }
    System.arraycopy(y0, 0, y, 0, count);
    System.arraycopy(y1, 0, y, tile, count);
    System.arraycopy(y2, 0, y, 2 * tile, count);
    System.arraycopy(y3, 0, y, 3 * tile, count);
  }

  @Override
  public void sum(float[] z, int[] rows, float[] taps, float[] y, int count) {
    float[] x = new float[count];
    Arrays.fill(y, 0, count, 0);
    for (int k = 0; k < rows.length; k++) {
      System.arraycopy(z, rows[k], x, 0, count);
      float h = taps[k];
      for (int i = 0; i < count; i++) {
        y[i] += h * x[i];
      }
    }
  }
}
