package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.kernel.SimdFoldedBlock.Part;
import dev.cadenza.shape.Window;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of a single channel by filters of 3x3, pooled by 2x2. The four outputs of a window
 * are four sums, windows are the lanes, and no output is written before it has been compared.
 */
final class SimdSingleChannel implements SimdFoldedBlock.Quick {
  private static final int DEALT = 3;

  private final PaddedImages bands;
  private final float[] weight;
  private final float[] shift;
  private final float tame;

  SimdSingleChannel(PaddedImages bands, float[] weight, float[] shift, float tame) {
    this.bands = bands;
    this.weight = weight;
    this.shift = shift;
    this.tame = tame;
  }

  /** Of what {@link SimdConvBlock#serves}. */
  static boolean serves(int channels, Window conv, Window pool) {
    return channels == 1 && isSquare(conv, 3) && isSquare(pool, 2);
  }

  /** Not by {@code equals}: a record's makes 24 classes. */
  private static boolean isSquare(Window window, int size) {
    return window.kH() == size
        && window.kW() == size
        && window.dilationH() == 1
        && window.dilationW() == 1;
  }

  @Override
  public boolean pool(Array x, Part part, float[] to, int toStep, Scratch scratch) {
    if (SimdProduct.plainFirst(0)) {
      return false;
    }
    int pooledW = bands.outW / 2;
    int step = SimdProduct.padded(pooledW) + LANES; // one more than windows is read
    float @Nullable [] columns = deal(x, part, pooledW + 1, step, scratch);
    if (columns == null) {
      return false;
    }
    for (int row = 0; row < part.rows(); row++) {
      convolveAndPool(columns, 4 * row * step, step, part, pooledW, to, row * pooledW, toStep);
    }
    return true;
  }

  /** Of each row of the image the even columns and after them its odd ones; null if not tame. */
  private float @Nullable [] deal(Array x, Part part, int n, int step, Scratch scratch) {
    int rows = 2 * part.rows() + 2;
    int pad = bands.padW;
    float[] lines = bands.lines(rows, scratch);
    bands.readLines(x, part.image(), 2 * part.from(), rows, lines, pad);
    if (!(SimdRows.largestMagnitude(lines, pad + rows * bands.w) <= tame)) {
      return null;
    }
    float[] to = scratch.floats(DEALT, 2 * rows * step);
    for (int row = 0, even = 0; row < rows; row++, even += 2 * step) {
      SimdRows.deal(lines, row * bands.w, n, to, even, even + step);
      for (int column = 0; column < pad; column++) {
        to[even + column % 2 * step + column / 2] = 0;
      }
      for (int column = pad + bands.w; column < 2 * n; column++) {
        to[even + column % 2 * step + column / 2] = 0;
      }
    }
    return to;
  }

  /**
   * A row of windows. What a vector of them sees stays in 16 registers for all channels: half of
   * its loads would cross a cache line.
   *
   * @param from where the first of its four rows starts
   */
  private void convolveAndPool(
      float[] in, int from, int step, Part part, int n, float[] to, int start, int toStep) {
    for (int j = 0; j < n; j += LANES) {
      int at = from + j;
      FloatVector e0 = FloatVector.fromArray(S, in, at);
      FloatVector f0 = FloatVector.fromArray(S, in, at + 1);
      FloatVector o0 = FloatVector.fromArray(S, in, step + at);
      FloatVector p0 = FloatVector.fromArray(S, in, step + at + 1);
      FloatVector e1 = FloatVector.fromArray(S, in, 2 * step + at);
      FloatVector f1 = FloatVector.fromArray(S, in, 2 * step + at + 1);
      FloatVector o1 = FloatVector.fromArray(S, in, 3 * step + at);
      FloatVector p1 = FloatVector.fromArray(S, in, 3 * step + at + 1);
      FloatVector e2 = FloatVector.fromArray(S, in, 4 * step + at);
      FloatVector f2 = FloatVector.fromArray(S, in, 4 * step + at + 1);
      FloatVector o2 = FloatVector.fromArray(S, in, 5 * step + at);
      FloatVector p2 = FloatVector.fromArray(S, in, 5 * step + at + 1);
      FloatVector e3 = FloatVector.fromArray(S, in, 6 * step + at);
      FloatVector f3 = FloatVector.fromArray(S, in, 6 * step + at + 1);
      FloatVector o3 = FloatVector.fromArray(S, in, 7 * step + at);
      FloatVector p3 = FloatVector.fromArray(S, in, 7 * step + at + 1);
      for (int c = 0, w = 9 * part.first(), o = start + j;
          c < part.count();
          c++, w += 9, o += toStep) {
        FloatVector x = FloatVector.broadcast(S, weight[w]);
        FloatVector s00 = x.mul(e0);
        FloatVector s01 = x.mul(o0);
        FloatVector s10 = x.mul(e1);
        FloatVector s11 = x.mul(o1);
        x = FloatVector.broadcast(S, weight[w + 1]);
        s00 = x.fma(o0, s00);
        s01 = x.fma(f0, s01);
        s10 = x.fma(o1, s10);
        s11 = x.fma(f1, s11);
        x = FloatVector.broadcast(S, weight[w + 2]);
        s00 = x.fma(f0, s00);
        s01 = x.fma(p0, s01);
        s10 = x.fma(f1, s10);
        s11 = x.fma(p1, s11);
        x = FloatVector.broadcast(S, weight[w + 3]);
        s00 = x.fma(e1, s00);
        s01 = x.fma(o1, s01);
        s10 = x.fma(e2, s10);
        s11 = x.fma(o2, s11);
        x = FloatVector.broadcast(S, weight[w + 4]);
        s00 = x.fma(o1, s00);
        s01 = x.fma(f1, s01);
        s10 = x.fma(o2, s10);
        s11 = x.fma(f2, s11);
        x = FloatVector.broadcast(S, weight[w + 5]);
        s00 = x.fma(f1, s00);
        s01 = x.fma(p1, s01);
        s10 = x.fma(f2, s10);
        s11 = x.fma(p2, s11);
        x = FloatVector.broadcast(S, weight[w + 6]);
        s00 = x.fma(e2, s00);
        s01 = x.fma(o2, s01);
        s10 = x.fma(e3, s10);
        s11 = x.fma(o3, s11);
        x = FloatVector.broadcast(S, weight[w + 7]);
        s00 = x.fma(o2, s00);
        s01 = x.fma(f2, s01);
        s10 = x.fma(o3, s10);
        s11 = x.fma(f3, s11);
        x = FloatVector.broadcast(S, weight[w + 8]);
        s00 = x.fma(f2, s00);
        s01 = x.fma(p2, s01);
        s10 = x.fma(f3, s10);
        s11 = x.fma(p3, s11);
        FloatVector add = FloatVector.broadcast(S, shift[part.first() + c]);
        IntVector i00 = s00.add(add).reinterpretAsInts();
        IntVector i01 = s01.add(add).reinterpretAsInts();
        IntVector i10 = s10.add(add).reinterpretAsInts();
        IntVector i11 = s11.add(add).reinterpretAsInts();
        i00.max(i10).max(i01.max(i11)).max(0).reinterpretAsFloats().intoArray(to, o);
      }
    }
  }
}
