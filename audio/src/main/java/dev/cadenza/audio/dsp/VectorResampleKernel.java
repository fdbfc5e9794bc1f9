package dev.cadenza.audio.dsp;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link PortableResampleKernel}'s sums with the Vector API; needs {@code --add-modules
 * jdk.incubator.vector}. Sums stay in registers over all rows: two vectors of columns by four
 * phases, so that six loads feed eight multiplications. A single phase takes eight vectors of
 * columns.
 */
final class VectorResampleKernel implements ResampleKernel {

  private static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;

  private static final int MAX_TILE = 256;

  /** What the split input of a tile may take, so that it stays in the nearest cache. */
  private static final int TARGET_FLOATS = 1 << 12;

  /** Two vectors, and no less than 32: where M is large there are few columns. */
  @Override
  public int tile(int streams) {
    int fits = Integer.highestOneBit(Math.max(1, TARGET_FLOATS / streams));
    return Math.max(Math.max(32, 2 * S.length()), Math.min(MAX_TILE, fits));
  }

  @Override
  public void product(float[] z, int[] rows, float[] taps, float[] y, int tile, int count) {
    int n = S.length();
    for (int i = 0; i < count; i += 2 * n) {
      FloatVector a0 = FloatVector.zero(S);
      FloatVector a1 = a0;
      FloatVector b0 = a0;
      FloatVector b1 = a0;
      FloatVector c0 = a0;
      FloatVector c1 = a0;
      FloatVector d0 = a0;
      FloatVector d1 = a0;
      for (int k = 0; k < rows.length; k++) {
        FloatVector x0 = FloatVector.fromArray(S, z, rows[k] + i);
        FloatVector x1 = FloatVector.fromArray(S, z, rows[k] + i + n);
        FloatVector h = FloatVector.broadcast(S, taps[4 * k]);
        a0 = x0.fma(h, a0);
        a1 = x1.fma(h, a1);
        h = FloatVector.broadcast(S, taps[4 * k + 1]);
        b0 = x0.fma(h, b0);
        b1 = x1.fma(h, b1);
        h = FloatVector.broadcast(S, taps[4 * k + 2]);
        c0 = x0.fma(h, c0);
        c1 = x1.fma(h, c1);
        h = FloatVector.broadcast(S, taps[4 * k + 3]);
        d0 = x0.fma(h, d0);
        d1 = x1.fma(h, d1);
      }
      a0.intoArray(y, i);
      a1.intoArray(y, i + n);
      b0.intoArray(y, tile + i);
      b1.intoArray(y, tile + i + n);
      c0.intoArray(y, 2 * tile + i);
      c1.intoArray(y, 2 * tile + i + n);
      d0.intoArray(y, 3 * tile + i);
      d1.intoArray(y, 3 * tile + i + n);
    }
  }

  /** Eight vectors of columns: sums enough that none waits for itself. */
  @Override
  public void sum(float[] z, int[] rows, float[] taps, float[] y, int count) {
    int n = S.length();
    for (int i = 0; i < count; i += 8 * n) {
      FloatVector a = FloatVector.zero(S);
      FloatVector b = a;
      FloatVector c = a;
      FloatVector d = a;
      FloatVector e = a;
      FloatVector f = a;
      FloatVector g = a;
      FloatVector h = a;
      for (int k = 0; k < rows.length; k++) {
        int x = rows[k] + i;
        FloatVector tap = FloatVector.broadcast(S, taps[k]);
        a = FloatVector.fromArray(S, z, x).fma(tap, a);
        b = FloatVector.fromArray(S, z, x + n).fma(tap, b);
        c = FloatVector.fromArray(S, z, x + 2 * n).fma(tap, c);
        d = FloatVector.fromArray(S, z, x + 3 * n).fma(tap, d);
        e = FloatVector.fromArray(S, z, x + 4 * n).fma(tap, e);
        f = FloatVector.fromArray(S, z, x + 5 * n).fma(tap, f);
        g = FloatVector.fromArray(S, z, x + 6 * n).fma(tap, g);
        h = FloatVector.fromArray(S, z, x + 7 * n).fma(tap, h);
      }
      a.intoArray(y, i);
      b.intoArray(y, i + n);
      c.intoArray(y, i + 2 * n);
      d.intoArray(y, i + 3 * n);
      e.intoArray(y, i + 4 * n);
      f.intoArray(y, i + 5 * n);
      g.intoArray(y, i + 6 * n);
      h.intoArray(y, i + 7 * n);
    }
  }
}
