package dev.cadenza.kernel;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Matrix products on heap arrays, the workhorse of all SIMD kernels:
 *
 * <pre>c[i, j] (+)= sum over p of a[i, p] b[p, j]</pre>
 *
 * <p>Where the rows of a and b start is looked up in tables. That makes one kernel serve plain
 * matrices, transposed ones and convolutions: a convolution is a product whose row p of b is the
 * image shifted by tap p. The columns j are the vector's lanes; elements of a are broadcast.
 *
 * <p>Four rows by three vectors are computed at a time: 12 accumulators, 3 loads and 4 broadcasts
 * for 12 fused multiply-adds, which fits into the 16 registers of AVX2 and hides the latency of 4
 * cycles. AVX-512 has 32 registers: eight rows by three vectors there halve the loads a multiply.
 * Each element is summed over p in order, whatever its place in the matrix.
 *
 * <p>Nowhere in the SIMD kernels is a method called on a vector that a loop carries: of such a
 * variable the compiler knows only the abstract type, and once any code in the JVM uses vectors of
 * another width it gives up and allocates. Accumulators are arguments; {@code zero.add(sum)} turns
 * them into a vector of known type. Whether a tile is added to or overwritten is a mask in the
 * large kernels, no branch: vectors that meet behind 24 branches were allocated, depending on when
 * the compiler came by.
 *
 * <p>Rows of b and c are read and written in whole vectors: both need {@link #LANES} - 1 floats of
 * slack at the end, and c's rows at least {@link #padded} columns.
 */
final class SimdProduct {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int LANES = S.length();

  private static final VectorMask<Float> ALL = S.maskAll(true);
  private static final VectorMask<Float> NONE = S.maskAll(false);

  /** Whether 24 accumulators and their operands find registers: 512-bit vectors come with 32. */
  private static final boolean MANY_REGISTERS = LANES >= 16;

  private static final int SUMS = 15;

  private SimdProduct() {}

  /** The number of columns rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LANES - 1) / LANES * LANES;
  }

  /** The starts of rows that are {@code step} apart. */
  static int[] rows(int count, int start, int step) {
    int[] rows = new int[count];
    Arrays.setAll(rows, i -> start + i * step);
    return rows;
  }

  /**
   * Adds the product to c, or overwrites c with it.
   *
   * @param aRows where each row of a starts; its elements are {@code aStep} apart
   * @param bRows where each row of b starts
   * @param k the number of rows of b, and of elements of a row of a
   * @param columns how many columns; rounded up to whole vectors
   */
  static void multiply(
      float[] a,
      int[] aRows,
      int aStep,
      float[] b,
      int[] bRows,
      int k,
      float[] c,
      int cStart,
      int cRow,
      int columns,
      boolean add) {
    int m = aRows.length;
    for (int j = 0; j < columns; ) {
      int left = (columns - j + LANES - 1) / LANES;
      int vectors = left == 4 ? 2 : Math.min(3, left); // two and two, not three and one
      int eights = MANY_REGISTERS && vectors > 1 ? m / 8 * 8 : 0;
      for (int i = 0; i < eights; i += 8) {
        int c0 = cStart + i * cRow + j;
        if (vectors == 3) {
          by3Eight(a, aRows, i, aStep, b, bRows, j, k, c, c0, cRow, add);
        } else {
          by2Eight(a, aRows, i, aStep, b, bRows, j, k, c, c0, cRow, add);
        }
      }
      for (int i = eights; i < m; i += 4) {
        int last = m - 1;
        int i1 = Math.min(i + 1, last); // rows past the end repeat the last one
        int i2 = Math.min(i + 2, last);
        int i3 = Math.min(i + 3, last);
        int c0 = cStart + i * cRow + j;
        int c1 = cStart + i1 * cRow + j;
        int c2 = cStart + i2 * cRow + j;
        int c3 = cStart + i3 * cRow + j;
        int a0 = aRows[i];
        int a1 = aRows[i1];
        int a2 = aRows[i2];
        int a3 = aRows[i3];
        switch (vectors) {
          case 3 -> by3(a, a0, a1, a2, a3, aStep, b, bRows, j, k, c, c0, c1, c2, c3, add);
          case 2 -> by2(a, a0, a1, a2, a3, aStep, b, bRows, j, k, c, c0, c1, c2, c3, add);
          default -> by1(a, a0, a1, a2, a3, aStep, b, bRows, j, k, c, c0, c1, c2, c3, add);
        }
      }
      j += vectors * LANES;
    }
  }

  private static void by3Eight(
      float[] a,
      int[] aRows,
      int i,
      int aStep,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      boolean add) {
    int a0 = aRows[i];
    int a1 = aRows[i + 1];
    int a2 = aRows[i + 2];
    int a3 = aRows[i + 3];
    int a4 = aRows[i + 4];
    int a5 = aRows[i + 5];
    int a6 = aRows[i + 6];
    int a7 = aRows[i + 7];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s32 = FloatVector.zero(S);
    FloatVector s40 = FloatVector.zero(S);
    FloatVector s41 = FloatVector.zero(S);
    FloatVector s42 = FloatVector.zero(S);
    FloatVector s50 = FloatVector.zero(S);
    FloatVector s51 = FloatVector.zero(S);
    FloatVector s52 = FloatVector.zero(S);
    FloatVector s60 = FloatVector.zero(S);
    FloatVector s61 = FloatVector.zero(S);
    FloatVector s62 = FloatVector.zero(S);
    FloatVector s70 = FloatVector.zero(S);
    FloatVector s71 = FloatVector.zero(S);
    FloatVector s72 = FloatVector.zero(S);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      int row = bRows[p] + j;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * LANES);
      FloatVector x = FloatVector.broadcast(S, a[a0 + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(S, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(S, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(S, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      x = FloatVector.broadcast(S, a[a4 + o]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      s42 = x.fma(b2, s42);
      x = FloatVector.broadcast(S, a[a5 + o]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      s52 = x.fma(b2, s52);
      x = FloatVector.broadcast(S, a[a6 + o]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      s62 = x.fma(b2, s62);
      x = FloatVector.broadcast(S, a[a7 + o]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
      s72 = x.fma(b2, s72);
    }
    FloatVector z = FloatVector.zero(S);
    VectorMask<Float> old = add ? ALL : NONE;
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    int c4 = c3 + cRow;
    int c5 = c4 + cRow;
    int c6 = c5 + cRow;
    int c7 = c6 + cRow;
    z.blend(FloatVector.fromArray(S, c, c0), old).add(s00).intoArray(c, c0);
    z.blend(FloatVector.fromArray(S, c, c0 + LANES), old).add(s01).intoArray(c, c0 + LANES);
    z.blend(FloatVector.fromArray(S, c, c0 + 2 * LANES), old).add(s02).intoArray(c, c0 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c1), old).add(s10).intoArray(c, c1);
    z.blend(FloatVector.fromArray(S, c, c1 + LANES), old).add(s11).intoArray(c, c1 + LANES);
    z.blend(FloatVector.fromArray(S, c, c1 + 2 * LANES), old).add(s12).intoArray(c, c1 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c2), old).add(s20).intoArray(c, c2);
    z.blend(FloatVector.fromArray(S, c, c2 + LANES), old).add(s21).intoArray(c, c2 + LANES);
    z.blend(FloatVector.fromArray(S, c, c2 + 2 * LANES), old).add(s22).intoArray(c, c2 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c3), old).add(s30).intoArray(c, c3);
    z.blend(FloatVector.fromArray(S, c, c3 + LANES), old).add(s31).intoArray(c, c3 + LANES);
    z.blend(FloatVector.fromArray(S, c, c3 + 2 * LANES), old).add(s32).intoArray(c, c3 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c4), old).add(s40).intoArray(c, c4);
    z.blend(FloatVector.fromArray(S, c, c4 + LANES), old).add(s41).intoArray(c, c4 + LANES);
    z.blend(FloatVector.fromArray(S, c, c4 + 2 * LANES), old).add(s42).intoArray(c, c4 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c5), old).add(s50).intoArray(c, c5);
    z.blend(FloatVector.fromArray(S, c, c5 + LANES), old).add(s51).intoArray(c, c5 + LANES);
    z.blend(FloatVector.fromArray(S, c, c5 + 2 * LANES), old).add(s52).intoArray(c, c5 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c6), old).add(s60).intoArray(c, c6);
    z.blend(FloatVector.fromArray(S, c, c6 + LANES), old).add(s61).intoArray(c, c6 + LANES);
    z.blend(FloatVector.fromArray(S, c, c6 + 2 * LANES), old).add(s62).intoArray(c, c6 + 2 * LANES);
    z.blend(FloatVector.fromArray(S, c, c7), old).add(s70).intoArray(c, c7);
    z.blend(FloatVector.fromArray(S, c, c7 + LANES), old).add(s71).intoArray(c, c7 + LANES);
    z.blend(FloatVector.fromArray(S, c, c7 + 2 * LANES), old).add(s72).intoArray(c, c7 + 2 * LANES);
  }

  private static void by2Eight(
      float[] a,
      int[] aRows,
      int i,
      int aStep,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      boolean add) {
    int a0 = aRows[i];
    int a1 = aRows[i + 1];
    int a2 = aRows[i + 2];
    int a3 = aRows[i + 3];
    int a4 = aRows[i + 4];
    int a5 = aRows[i + 5];
    int a6 = aRows[i + 6];
    int a7 = aRows[i + 7];
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s40 = FloatVector.zero(S);
    FloatVector s41 = FloatVector.zero(S);
    FloatVector s50 = FloatVector.zero(S);
    FloatVector s51 = FloatVector.zero(S);
    FloatVector s60 = FloatVector.zero(S);
    FloatVector s61 = FloatVector.zero(S);
    FloatVector s70 = FloatVector.zero(S);
    FloatVector s71 = FloatVector.zero(S);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      int row = bRows[p] + j;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector x = FloatVector.broadcast(S, a[a0 + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(S, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(S, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(S, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      x = FloatVector.broadcast(S, a[a4 + o]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      x = FloatVector.broadcast(S, a[a5 + o]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      x = FloatVector.broadcast(S, a[a6 + o]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      x = FloatVector.broadcast(S, a[a7 + o]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
    }
    FloatVector z = FloatVector.zero(S);
    VectorMask<Float> old = add ? ALL : NONE;
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    int c4 = c3 + cRow;
    int c5 = c4 + cRow;
    int c6 = c5 + cRow;
    int c7 = c6 + cRow;
    z.blend(FloatVector.fromArray(S, c, c0), old).add(s00).intoArray(c, c0);
    z.blend(FloatVector.fromArray(S, c, c0 + LANES), old).add(s01).intoArray(c, c0 + LANES);
    z.blend(FloatVector.fromArray(S, c, c1), old).add(s10).intoArray(c, c1);
    z.blend(FloatVector.fromArray(S, c, c1 + LANES), old).add(s11).intoArray(c, c1 + LANES);
    z.blend(FloatVector.fromArray(S, c, c2), old).add(s20).intoArray(c, c2);
    z.blend(FloatVector.fromArray(S, c, c2 + LANES), old).add(s21).intoArray(c, c2 + LANES);
    z.blend(FloatVector.fromArray(S, c, c3), old).add(s30).intoArray(c, c3);
    z.blend(FloatVector.fromArray(S, c, c3 + LANES), old).add(s31).intoArray(c, c3 + LANES);
    z.blend(FloatVector.fromArray(S, c, c4), old).add(s40).intoArray(c, c4);
    z.blend(FloatVector.fromArray(S, c, c4 + LANES), old).add(s41).intoArray(c, c4 + LANES);
    z.blend(FloatVector.fromArray(S, c, c5), old).add(s50).intoArray(c, c5);
    z.blend(FloatVector.fromArray(S, c, c5 + LANES), old).add(s51).intoArray(c, c5 + LANES);
    z.blend(FloatVector.fromArray(S, c, c6), old).add(s60).intoArray(c, c6);
    z.blend(FloatVector.fromArray(S, c, c6 + LANES), old).add(s61).intoArray(c, c6 + LANES);
    z.blend(FloatVector.fromArray(S, c, c7), old).add(s70).intoArray(c, c7);
    z.blend(FloatVector.fromArray(S, c, c7 + LANES), old).add(s71).intoArray(c, c7 + LANES);
  }

  private static void by3(
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int aStep,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      boolean add) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s02 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s12 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s22 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    FloatVector s32 = FloatVector.zero(S);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      int row = bRows[p] + j;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * LANES);
      FloatVector x = FloatVector.broadcast(S, a[a0 + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(S, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(S, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(S, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
    }
    // All rows are read before one is written: those past the end are one and the same.
    s00 = base(c, c0, add).add(s00);
    s01 = base(c, c0 + LANES, add).add(s01);
    s02 = base(c, c0 + 2 * LANES, add).add(s02);
    s10 = base(c, c1, add).add(s10);
    s11 = base(c, c1 + LANES, add).add(s11);
    s12 = base(c, c1 + 2 * LANES, add).add(s12);
    s20 = base(c, c2, add).add(s20);
    s21 = base(c, c2 + LANES, add).add(s21);
    s22 = base(c, c2 + 2 * LANES, add).add(s22);
    s30 = base(c, c3, add).add(s30);
    s31 = base(c, c3 + LANES, add).add(s31);
    s32 = base(c, c3 + 2 * LANES, add).add(s32);
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s02.intoArray(c, c0 + 2 * LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s12.intoArray(c, c1 + 2 * LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s22.intoArray(c, c2 + 2 * LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s32.intoArray(c, c3 + 2 * LANES);
  }

  private static void by2(
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int aStep,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      boolean add) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = FloatVector.zero(S);
    FloatVector s10 = FloatVector.zero(S);
    FloatVector s11 = FloatVector.zero(S);
    FloatVector s20 = FloatVector.zero(S);
    FloatVector s21 = FloatVector.zero(S);
    FloatVector s30 = FloatVector.zero(S);
    FloatVector s31 = FloatVector.zero(S);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      int row = bRows[p] + j;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector x = FloatVector.broadcast(S, a[a0 + o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(S, a[a1 + o]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(S, a[a2 + o]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(S, a[a3 + o]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
    }
    // All rows are read before one is written: those past the end are one and the same.
    s00 = base(c, c0, add).add(s00);
    s01 = base(c, c0 + LANES, add).add(s01);
    s10 = base(c, c1, add).add(s10);
    s11 = base(c, c1 + LANES, add).add(s11);
    s20 = base(c, c2, add).add(s20);
    s21 = base(c, c2 + LANES, add).add(s21);
    s30 = base(c, c3, add).add(s30);
    s31 = base(c, c3 + LANES, add).add(s31);
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
  }

  private static void by1(
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      int aStep,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int c1,
      int c2,
      int c3,
      boolean add) {
    FloatVector s0 = FloatVector.zero(S);
    FloatVector s1 = FloatVector.zero(S);
    FloatVector s2 = FloatVector.zero(S);
    FloatVector s3 = FloatVector.zero(S);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      FloatVector b0 = FloatVector.fromArray(S, b, bRows[p] + j);
      s0 = b0.fma(FloatVector.broadcast(S, a[a0 + o]), s0);
      s1 = b0.fma(FloatVector.broadcast(S, a[a1 + o]), s1);
      s2 = b0.fma(FloatVector.broadcast(S, a[a2 + o]), s2);
      s3 = b0.fma(FloatVector.broadcast(S, a[a3 + o]), s3);
    }
    // All rows are read before one is written: those past the end are one and the same.
    s0 = base(c, c0, add).add(s0);
    s1 = base(c, c1, add).add(s1);
    s2 = base(c, c2, add).add(s2);
    s3 = base(c, c3, add).add(s3);
    s0.intoArray(c, c0);
    s1.intoArray(c, c1);
    s2.intoArray(c, c2);
    s3.intoArray(c, c3);
  }

  /** What a sum is added to. */
  private static FloatVector base(float[] c, int at, boolean add) {
    return add ? FloatVector.fromArray(S, c, at) : FloatVector.zero(S);
  }

  /**
   * Products of rows with rows, {@code c[i, q] += sum over p of a[i, p] b[q, p]}, where p is long:
   * the lanes run along p, and are summed up at the end. The last elements of a row up to a whole
   * vector must be 0 in one of the operands.
   *
   * @param bStart added to every start of a row of b
   */
  static void dot(
      float[] a,
      int[] aRows,
      float[] b,
      int[] bRows,
      int bStart,
      int length,
      float[] c,
      int cStart,
      int cRow) {
    float[] sums = Scratch.mine().floats(SUMS, 12 * LANES);
    int m = aRows.length;
    int n = bRows.length;
    for (int i = 0; i < m; i += 4) {
      int a0 = aRows[i];
      int a1 = aRows[Math.min(i + 1, m - 1)];
      int a2 = aRows[Math.min(i + 2, m - 1)];
      int a3 = aRows[Math.min(i + 3, m - 1)];
      for (int q = 0; q < n; q += 3) {
        int b0 = bStart + bRows[q];
        int b1 = bStart + bRows[Math.min(q + 1, n - 1)];
        int b2 = bStart + bRows[Math.min(q + 2, n - 1)];
        dot4x3(a, a0, a1, a2, a3, b, b0, b1, b2, length, sums);
        for (int r = 0; r < Math.min(4, m - i); r++) {
          for (int s = 0; s < Math.min(3, n - q); s++) {
            c[cStart + (i + r) * cRow + q + s] += SimdRows.total(sums, (3 * r + s) * LANES);
          }
        }
      }
    }
  }

  private static void dot4x3(
      float[] a,
      int a0,
      int a1,
      int a2,
      int a3,
      float[] b,
      int b0,
      int b1,
      int b2,
      int length,
      float[] sums) {
    FloatVector s00 = FloatVector.zero(S);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    for (int p = 0; p < length; p += LANES) {
      FloatVector y0 = FloatVector.fromArray(S, b, b0 + p);
      FloatVector y1 = FloatVector.fromArray(S, b, b1 + p);
      FloatVector y2 = FloatVector.fromArray(S, b, b2 + p);
      FloatVector x = FloatVector.fromArray(S, a, a0 + p);
      s00 = x.fma(y0, s00);
      s01 = x.fma(y1, s01);
      s02 = x.fma(y2, s02);
      x = FloatVector.fromArray(S, a, a1 + p);
      s10 = x.fma(y0, s10);
      s11 = x.fma(y1, s11);
      s12 = x.fma(y2, s12);
      x = FloatVector.fromArray(S, a, a2 + p);
      s20 = x.fma(y0, s20);
      s21 = x.fma(y1, s21);
      s22 = x.fma(y2, s22);
      x = FloatVector.fromArray(S, a, a3 + p);
      s30 = x.fma(y0, s30);
      s31 = x.fma(y1, s31);
      s32 = x.fma(y2, s32);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, LANES);
    s02.intoArray(sums, 2 * LANES);
    s10.intoArray(sums, 3 * LANES);
    s11.intoArray(sums, 4 * LANES);
    s12.intoArray(sums, 5 * LANES);
    s20.intoArray(sums, 6 * LANES);
    s21.intoArray(sums, 7 * LANES);
    s22.intoArray(sums, 8 * LANES);
    s30.intoArray(sums, 9 * LANES);
    s31.intoArray(sums, 10 * LANES);
    s32.intoArray(sums, 11 * LANES);
  }
}
