package dev.cadenza.kernel;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Set;
import jdk.incubator.vector.FloatVector;
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
 * <p>With 32 registers, eight rows by three vectors are computed at a time: 24 accumulators, 3
 * loads and 8 broadcasts for 24 fused multiply-adds. With 16, four rows by two vectors: 8
 * accumulators just hide the latency of 4 cycles; three vectors would fit to the last register, but
 * the compiler does not find a way and takes twice as long. A single vector of columns takes eight
 * rows everywhere. Each element is summed over p in order, whatever its place in the matrix.
 *
 * <p>Eight rows of a are interleaved, element by element, unless they are read only once: weights
 * once for many images, other rows once for all columns. A tile then reads one stream with a
 * constant step, which the compiler knows to stay inside the array; with eight addresses and as
 * many checks a step, it computes half as much on processors that decode four instructions at a
 * time.
 *
 * <p>A tile is summed up in registers that start from what c holds, or from an array of zeros:
 * which of the two is a choice of addresses. Vectors that meet behind branches were allocated,
 * depending on when the compiler came by, and so were the last of 24 that were added to c at the
 * end: there a large tile was beyond the size up to which the compiler inlines.
 *
 * <p>Rows of b and c are read and written in whole vectors: both need {@link #LANES} - 1 floats of
 * slack at the end, and c's rows at least {@link #padded} columns.
 */
final class SimdProduct {
  static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
  static final int LANES = S.length();

  private static final float[] ZEROS = new float[3 * LANES];

  private static final boolean MANY_REGISTERS = LANES >= 16 || has32Registers();

  /** Vectors of columns a tile. */
  private static final int WIDEST = MANY_REGISTERS ? 3 : 2;

  /** Rows of a that are interleaved. */
  static final int GROUP = 8;

  private static final int INTERLEAVED = 14;
  private static final int SUMS = 15;

  /** Multiplications that are left to plain loops; at first those of one clip. */
  static long plainWork = 60_000_000;

  private SimdProduct() {}

  /** AVX-512 has 32 vector registers, for vectors of any width, and so has what is not x86. */
  private static boolean has32Registers() {
    if (!Set.of("amd64", "x86_64").contains(System.getProperty("os.arch"))) {
      return true;
    }
    try {
      var vm = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return Integer.parseInt(vm.getVMOption("UseAVX").getValue()) >= 3;
    } catch (LinkageError | RuntimeException e) { // an image or a JVM without it
      return false;
    }
  }

  /**
   * Whether plain loops do the next piece of work: the first in a JVM. Until the compiler has come
   * by, an operation of the Vector API takes a hundred times as long as theirs, whose results are
   * the same bits.
   *
   * @param multiplications what the piece takes; 0 only asks
   */
  static boolean plainFirst(long multiplications) {
    if (plainWork <= 0) {
      return TypeProfiles.MISSING;
    }
    plainWork -= multiplications; // threads that meet here move the end a little
    return true;
  }

  /** The number of columns rounded up to whole vectors. */
  static int padded(int columns) {
    return (columns + LANES - 1) / LANES * LANES;
  }

  /**
   * Rows interleaved for {@link #multiplyInterleaved}, starting at {@link RowStarts#interleaved}.
   */
  static float[] interleaved(float[] a, int[] aRows, int aStep, int k) {
    return interleaved(a, aRows, aStep, k, new float[interleavedSize(aRows.length, k)]);
  }

  /** The same, written into {@code to}. */
  static float[] interleaved(float[] a, int[] aRows, int aStep, int k, float[] to) {
    Threads.parallelFor(
        (aRows.length + GROUP - 1) / GROUP,
        group -> interleaveGroup(a, aRows, group * GROUP, aStep, k, to, group * GROUP * k));
    return to;
  }

  static int interleavedSize(int rows, int k) {
    return (rows + GROUP - 1) / GROUP * GROUP * k;
  }

  /** As {@link #interleaved}, into a given array from {@code at} on. */
  static void interleave(float[] a, int[] aRows, int aStep, int k, float[] to, int at) {
    for (int i = 0; i < aRows.length; i += GROUP) {
      interleaveGroup(a, aRows, i, aStep, k, to, at + i * k);
    }
  }

  private static void interleaveGroup(
      float[] a, int[] aRows, int first, int aStep, int k, float[] to, int at) {
    int start = aRows[first]; // rows ascend
    int end = first + GROUP;
    boolean neighbours = end <= aRows.length && aRows[end - 1] == start + GROUP - 1;
    if (!neighbours) {
      SimdRows.eightColumns(a, aRows, first, 0, aStep, k, to, at, GROUP);
      return;
    }
    int o = at;
    for (int p = 0; p < k - 1; p++, o += GROUP) {
      for (int r = 0; r < GROUP; r += LANES) { // the next one covers what is too much
        FloatVector.fromArray(S, a, start + p * aStep + r).intoArray(to, o + r);
      }
    }
    System.arraycopy(a, start + (k - 1) * aStep, to, o, GROUP);
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
    if (plainFirst((long) m * k * columns)) {
      plain(a, aRows, aStep, b, bRows, k, c, cStart, cRow, padded(columns), add);
      return;
    }
    if (columns <= LANES) { // read once, not worth another copy
      for (int i = 0; i < m; i += GROUP) {
        by1(a, aRows, i, aStep, b, bRows, 0, k, c, cStart + i * cRow, cRow, add);
      }
      return;
    }
    if (MANY_REGISTERS && aStep == 1 && columns > 2 * LANES && columns <= 3 * LANES) {
      for (int i = 0; i < m; i += GROUP) {
        by3Rows(a, aRows, i, b, bRows, k, c, cStart + i * cRow, cRow, add);
      }
      return;
    }
    float[] to = Scratch.mine().floats(INTERLEAVED, interleavedSize(m, k));
    interleave(a, aRows, aStep, k, to, 0);
    int[] rows = RowStarts.interleaved(m, 0, k);
    multiplyInterleaved(to, rows, b, bRows, k, c, cStart, cRow, columns, add);
  }

  /**
   * {@link #multiply} with rows of a in groups of eight, the elements of a group next to each
   * other: what a tile reads of them is one stream, without a check of bounds each. Rows past the
   * last one repeat it.
   */
  static void multiplyInterleaved(
      float[] a,
      int[] aRows,
      float[] b,
      int[] bRows,
      int k,
      float[] c,
      int cStart,
      int cRow,
      int columns,
      boolean add) {
    int m = aRows.length;
    if (plainFirst((long) m * k * columns)) {
      plain(a, aRows, GROUP, b, bRows, k, c, cStart, cRow, padded(columns), add);
      return;
    }
    for (int j = 0; j < columns; ) {
      int left = (columns - j + LANES - 1) / LANES;
      int vectors = left == 4 ? 2 : Math.min(WIDEST, left); // two and two, not three and one
      int c0 = cStart + j;
      for (int i = 0; i < m; ) {
        boolean eight = vectors == 1 || (MANY_REGISTERS && m - i >= GROUP);
        int last = m - 1 - i;
        if (vectors == 1) {
          by1(a, aRows, i, GROUP, b, bRows, j, k, c, c0, cRow, add);
        } else if (vectors == 2 && eight) {
          by2Eight(a, aRows[i], b, bRows, j, k, c, c0, cRow, add);
        } else if (vectors == 2) {
          by2(a, aRows[i], b, bRows, j, k, c, c0, cRow, last, add);
        } else if (eight) {
          by3Eight(a, aRows[i], b, bRows, j, k, c, c0, cRow, add);
        } else {
          by3(a, aRows[i], b, bRows, j, k, c, c0, cRow, last, add);
        }
        int rows = eight ? GROUP : 4;
        i += rows;
        c0 += rows * cRow;
      }
      j += vectors * LANES;
    }
  }

  /** The bits of the tiles from loops that are quick before the compiler has come by, too. */
  private static void plain(
      float[] a,
      int[] aRows,
      int aStep,
      float[] b,
      int[] bRows,
      int k,
      float[] c,
      int cStart,
      int cRow,
      int width,
      boolean add) {
    for (int i = 0; i < aRows.length; i++) {
      int row = cStart + i * cRow;
      if (!add) {
        Arrays.fill(c, row, row + width, 0);
      }
      for (int p = 0; p < k; p++) {
        multiplyAdd(a[aRows[i] + aStep * p], b, bRows[p], c, row, width);
      }
    }
  }

  private static void multiplyAdd(float x, float[] b, int from, float[] c, int to, int n) {
    for (int j = 0; j < n; j++) {
      c[to + j] = Math.fma(x, b[from + j], c[to + j]);
    }
  }

  private static void by3Eight(
      float[] a,
      int a0,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      boolean add) {
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    int c4 = c3 + cRow;
    int c5 = c4 + cRow;
    int c6 = c5 + cRow;
    int c7 = c6 + cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + step;
    int f2 = f1 + step;
    int f3 = f2 + step;
    int f4 = f3 + step;
    int f5 = f4 + step;
    int f6 = f5 + step;
    int f7 = f6 + step;
    FloatVector s00 = FloatVector.fromArray(S, from, f0);
    FloatVector s01 = FloatVector.fromArray(S, from, f0 + LANES);
    FloatVector s02 = FloatVector.fromArray(S, from, f0 + 2 * LANES);
    FloatVector s10 = FloatVector.fromArray(S, from, f1);
    FloatVector s11 = FloatVector.fromArray(S, from, f1 + LANES);
    FloatVector s12 = FloatVector.fromArray(S, from, f1 + 2 * LANES);
    FloatVector s20 = FloatVector.fromArray(S, from, f2);
    FloatVector s21 = FloatVector.fromArray(S, from, f2 + LANES);
    FloatVector s22 = FloatVector.fromArray(S, from, f2 + 2 * LANES);
    FloatVector s30 = FloatVector.fromArray(S, from, f3);
    FloatVector s31 = FloatVector.fromArray(S, from, f3 + LANES);
    FloatVector s32 = FloatVector.fromArray(S, from, f3 + 2 * LANES);
    FloatVector s40 = FloatVector.fromArray(S, from, f4);
    FloatVector s41 = FloatVector.fromArray(S, from, f4 + LANES);
    FloatVector s42 = FloatVector.fromArray(S, from, f4 + 2 * LANES);
    FloatVector s50 = FloatVector.fromArray(S, from, f5);
    FloatVector s51 = FloatVector.fromArray(S, from, f5 + LANES);
    FloatVector s52 = FloatVector.fromArray(S, from, f5 + 2 * LANES);
    FloatVector s60 = FloatVector.fromArray(S, from, f6);
    FloatVector s61 = FloatVector.fromArray(S, from, f6 + LANES);
    FloatVector s62 = FloatVector.fromArray(S, from, f6 + 2 * LANES);
    FloatVector s70 = FloatVector.fromArray(S, from, f7);
    FloatVector s71 = FloatVector.fromArray(S, from, f7 + LANES);
    FloatVector s72 = FloatVector.fromArray(S, from, f7 + 2 * LANES);
    for (int p = 0; p < k; p++) {
      int row = bRows[p] + j;
      int o = a0 + GROUP * p;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * LANES);
      FloatVector x = FloatVector.broadcast(S, a[o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(S, a[o + 1]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(S, a[o + 2]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(S, a[o + 3]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      x = FloatVector.broadcast(S, a[o + 4]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      s42 = x.fma(b2, s42);
      x = FloatVector.broadcast(S, a[o + 5]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      s52 = x.fma(b2, s52);
      x = FloatVector.broadcast(S, a[o + 6]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      s62 = x.fma(b2, s62);
      x = FloatVector.broadcast(S, a[o + 7]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
      s72 = x.fma(b2, s72);
    }
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
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + LANES);
    s42.intoArray(c, c4 + 2 * LANES);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + LANES);
    s52.intoArray(c, c5 + 2 * LANES);
    s60.intoArray(c, c6);
    s61.intoArray(c, c6 + LANES);
    s62.intoArray(c, c6 + 2 * LANES);
    s70.intoArray(c, c7);
    s71.intoArray(c, c7 + LANES);
    s72.intoArray(c, c7 + 2 * LANES);
  }

  private static void by2Eight(
      float[] a,
      int a0,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      boolean add) {
    int c1 = c0 + cRow;
    int c2 = c1 + cRow;
    int c3 = c2 + cRow;
    int c4 = c3 + cRow;
    int c5 = c4 + cRow;
    int c6 = c5 + cRow;
    int c7 = c6 + cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + step;
    int f2 = f1 + step;
    int f3 = f2 + step;
    int f4 = f3 + step;
    int f5 = f4 + step;
    int f6 = f5 + step;
    int f7 = f6 + step;
    FloatVector s00 = FloatVector.fromArray(S, from, f0);
    FloatVector s01 = FloatVector.fromArray(S, from, f0 + LANES);
    FloatVector s10 = FloatVector.fromArray(S, from, f1);
    FloatVector s11 = FloatVector.fromArray(S, from, f1 + LANES);
    FloatVector s20 = FloatVector.fromArray(S, from, f2);
    FloatVector s21 = FloatVector.fromArray(S, from, f2 + LANES);
    FloatVector s30 = FloatVector.fromArray(S, from, f3);
    FloatVector s31 = FloatVector.fromArray(S, from, f3 + LANES);
    FloatVector s40 = FloatVector.fromArray(S, from, f4);
    FloatVector s41 = FloatVector.fromArray(S, from, f4 + LANES);
    FloatVector s50 = FloatVector.fromArray(S, from, f5);
    FloatVector s51 = FloatVector.fromArray(S, from, f5 + LANES);
    FloatVector s60 = FloatVector.fromArray(S, from, f6);
    FloatVector s61 = FloatVector.fromArray(S, from, f6 + LANES);
    FloatVector s70 = FloatVector.fromArray(S, from, f7);
    FloatVector s71 = FloatVector.fromArray(S, from, f7 + LANES);
    for (int p = 0; p < k; p++) {
      int row = bRows[p] + j;
      int o = a0 + GROUP * p;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector x = FloatVector.broadcast(S, a[o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(S, a[o + 1]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(S, a[o + 2]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(S, a[o + 3]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      x = FloatVector.broadcast(S, a[o + 4]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      x = FloatVector.broadcast(S, a[o + 5]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      x = FloatVector.broadcast(S, a[o + 6]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      x = FloatVector.broadcast(S, a[o + 7]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + LANES);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + LANES);
    s60.intoArray(c, c6);
    s61.intoArray(c, c6 + LANES);
    s70.intoArray(c, c7);
    s71.intoArray(c, c7 + LANES);
  }

  private static void by3(
      float[] a,
      int a0,
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      int last,
      boolean add) {
    int c1 = c0 + Math.min(1, last) * cRow;
    int c2 = c0 + Math.min(2, last) * cRow;
    int c3 = c0 + Math.min(3, last) * cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + Math.min(1, last) * step;
    int f2 = f0 + Math.min(2, last) * step;
    int f3 = f0 + Math.min(3, last) * step;
    FloatVector s00 = FloatVector.fromArray(S, from, f0);
    FloatVector s01 = FloatVector.fromArray(S, from, f0 + LANES);
    FloatVector s02 = FloatVector.fromArray(S, from, f0 + 2 * LANES);
    FloatVector s10 = FloatVector.fromArray(S, from, f1);
    FloatVector s11 = FloatVector.fromArray(S, from, f1 + LANES);
    FloatVector s12 = FloatVector.fromArray(S, from, f1 + 2 * LANES);
    FloatVector s20 = FloatVector.fromArray(S, from, f2);
    FloatVector s21 = FloatVector.fromArray(S, from, f2 + LANES);
    FloatVector s22 = FloatVector.fromArray(S, from, f2 + 2 * LANES);
    FloatVector s30 = FloatVector.fromArray(S, from, f3);
    FloatVector s31 = FloatVector.fromArray(S, from, f3 + LANES);
    FloatVector s32 = FloatVector.fromArray(S, from, f3 + 2 * LANES);
    for (int p = 0; p < k; p++) {
      int row = bRows[p] + j;
      int o = a0 + GROUP * p;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * LANES);
      FloatVector x = FloatVector.broadcast(S, a[o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(S, a[o + 1]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(S, a[o + 2]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(S, a[o + 3]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
    }
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
      float[] b,
      int[] bRows,
      int j,
      int k,
      float[] c,
      int c0,
      int cRow,
      int last,
      boolean add) {
    int c1 = c0 + Math.min(1, last) * cRow;
    int c2 = c0 + Math.min(2, last) * cRow;
    int c3 = c0 + Math.min(3, last) * cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + Math.min(1, last) * step;
    int f2 = f0 + Math.min(2, last) * step;
    int f3 = f0 + Math.min(3, last) * step;
    FloatVector s00 = FloatVector.fromArray(S, from, f0);
    FloatVector s01 = FloatVector.fromArray(S, from, f0 + LANES);
    FloatVector s10 = FloatVector.fromArray(S, from, f1);
    FloatVector s11 = FloatVector.fromArray(S, from, f1 + LANES);
    FloatVector s20 = FloatVector.fromArray(S, from, f2);
    FloatVector s21 = FloatVector.fromArray(S, from, f2 + LANES);
    FloatVector s30 = FloatVector.fromArray(S, from, f3);
    FloatVector s31 = FloatVector.fromArray(S, from, f3 + LANES);
    for (int p = 0; p < k; p++) {
      int row = bRows[p] + j;
      int o = a0 + GROUP * p;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector x = FloatVector.broadcast(S, a[o]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      x = FloatVector.broadcast(S, a[o + 1]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      x = FloatVector.broadcast(S, a[o + 2]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      x = FloatVector.broadcast(S, a[o + 3]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
    }
    s00.intoArray(c, c0);
    s01.intoArray(c, c0 + LANES);
    s10.intoArray(c, c1);
    s11.intoArray(c, c1 + LANES);
    s20.intoArray(c, c2);
    s21.intoArray(c, c2 + LANES);
    s30.intoArray(c, c3);
    s31.intoArray(c, c3 + LANES);
  }

  /** Rows of a where they stand, their elements next to each other. */
  private static void by3Rows(
      float[] a,
      int[] aRows,
      int i,
      float[] b,
      int[] bRows,
      int k,
      float[] c,
      int c0,
      int cRow,
      boolean add) {
    int last = aRows.length - 1 - i; // rows past the end repeat the last one
    int a0 = aRows[i];
    int a1 = aRows[i + Math.min(1, last)];
    int a2 = aRows[i + Math.min(2, last)];
    int a3 = aRows[i + Math.min(3, last)];
    int a4 = aRows[i + Math.min(4, last)];
    int a5 = aRows[i + Math.min(5, last)];
    int a6 = aRows[i + Math.min(6, last)];
    int a7 = aRows[i + Math.min(7, last)];
    int c1 = c0 + Math.min(1, last) * cRow;
    int c2 = c0 + Math.min(2, last) * cRow;
    int c3 = c0 + Math.min(3, last) * cRow;
    int c4 = c0 + Math.min(4, last) * cRow;
    int c5 = c0 + Math.min(5, last) * cRow;
    int c6 = c0 + Math.min(6, last) * cRow;
    int c7 = c0 + Math.min(7, last) * cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + Math.min(1, last) * step;
    int f2 = f0 + Math.min(2, last) * step;
    int f3 = f0 + Math.min(3, last) * step;
    int f4 = f0 + Math.min(4, last) * step;
    int f5 = f0 + Math.min(5, last) * step;
    int f6 = f0 + Math.min(6, last) * step;
    int f7 = f0 + Math.min(7, last) * step;
    FloatVector s00 = FloatVector.fromArray(S, from, f0);
    FloatVector s01 = FloatVector.fromArray(S, from, f0 + LANES);
    FloatVector s02 = FloatVector.fromArray(S, from, f0 + 2 * LANES);
    FloatVector s10 = FloatVector.fromArray(S, from, f1);
    FloatVector s11 = FloatVector.fromArray(S, from, f1 + LANES);
    FloatVector s12 = FloatVector.fromArray(S, from, f1 + 2 * LANES);
    FloatVector s20 = FloatVector.fromArray(S, from, f2);
    FloatVector s21 = FloatVector.fromArray(S, from, f2 + LANES);
    FloatVector s22 = FloatVector.fromArray(S, from, f2 + 2 * LANES);
    FloatVector s30 = FloatVector.fromArray(S, from, f3);
    FloatVector s31 = FloatVector.fromArray(S, from, f3 + LANES);
    FloatVector s32 = FloatVector.fromArray(S, from, f3 + 2 * LANES);
    FloatVector s40 = FloatVector.fromArray(S, from, f4);
    FloatVector s41 = FloatVector.fromArray(S, from, f4 + LANES);
    FloatVector s42 = FloatVector.fromArray(S, from, f4 + 2 * LANES);
    FloatVector s50 = FloatVector.fromArray(S, from, f5);
    FloatVector s51 = FloatVector.fromArray(S, from, f5 + LANES);
    FloatVector s52 = FloatVector.fromArray(S, from, f5 + 2 * LANES);
    FloatVector s60 = FloatVector.fromArray(S, from, f6);
    FloatVector s61 = FloatVector.fromArray(S, from, f6 + LANES);
    FloatVector s62 = FloatVector.fromArray(S, from, f6 + 2 * LANES);
    FloatVector s70 = FloatVector.fromArray(S, from, f7);
    FloatVector s71 = FloatVector.fromArray(S, from, f7 + LANES);
    FloatVector s72 = FloatVector.fromArray(S, from, f7 + 2 * LANES);
    for (int p = 0; p < k; p++) {
      int row = bRows[p];
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector b1 = FloatVector.fromArray(S, b, row + LANES);
      FloatVector b2 = FloatVector.fromArray(S, b, row + 2 * LANES);
      FloatVector x = FloatVector.broadcast(S, a[a0 + p]);
      s00 = x.fma(b0, s00);
      s01 = x.fma(b1, s01);
      s02 = x.fma(b2, s02);
      x = FloatVector.broadcast(S, a[a1 + p]);
      s10 = x.fma(b0, s10);
      s11 = x.fma(b1, s11);
      s12 = x.fma(b2, s12);
      x = FloatVector.broadcast(S, a[a2 + p]);
      s20 = x.fma(b0, s20);
      s21 = x.fma(b1, s21);
      s22 = x.fma(b2, s22);
      x = FloatVector.broadcast(S, a[a3 + p]);
      s30 = x.fma(b0, s30);
      s31 = x.fma(b1, s31);
      s32 = x.fma(b2, s32);
      x = FloatVector.broadcast(S, a[a4 + p]);
      s40 = x.fma(b0, s40);
      s41 = x.fma(b1, s41);
      s42 = x.fma(b2, s42);
      x = FloatVector.broadcast(S, a[a5 + p]);
      s50 = x.fma(b0, s50);
      s51 = x.fma(b1, s51);
      s52 = x.fma(b2, s52);
      x = FloatVector.broadcast(S, a[a6 + p]);
      s60 = x.fma(b0, s60);
      s61 = x.fma(b1, s61);
      s62 = x.fma(b2, s62);
      x = FloatVector.broadcast(S, a[a7 + p]);
      s70 = x.fma(b0, s70);
      s71 = x.fma(b1, s71);
      s72 = x.fma(b2, s72);
    }
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
    s40.intoArray(c, c4);
    s41.intoArray(c, c4 + LANES);
    s42.intoArray(c, c4 + 2 * LANES);
    s50.intoArray(c, c5);
    s51.intoArray(c, c5 + LANES);
    s52.intoArray(c, c5 + 2 * LANES);
    s60.intoArray(c, c6);
    s61.intoArray(c, c6 + LANES);
    s62.intoArray(c, c6 + 2 * LANES);
    s70.intoArray(c, c7);
    s71.intoArray(c, c7 + LANES);
    s72.intoArray(c, c7 + 2 * LANES);
  }

  private static void by1(
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
    int last = aRows.length - 1 - i; // rows past the end repeat the last one
    int a0 = aRows[i];
    int a1 = aRows[i + Math.min(1, last)];
    int a2 = aRows[i + Math.min(2, last)];
    int a3 = aRows[i + Math.min(3, last)];
    int a4 = aRows[i + Math.min(4, last)];
    int a5 = aRows[i + Math.min(5, last)];
    int a6 = aRows[i + Math.min(6, last)];
    int a7 = aRows[i + Math.min(7, last)];
    int c1 = c0 + Math.min(1, last) * cRow;
    int c2 = c0 + Math.min(2, last) * cRow;
    int c3 = c0 + Math.min(3, last) * cRow;
    int c4 = c0 + Math.min(4, last) * cRow;
    int c5 = c0 + Math.min(5, last) * cRow;
    int c6 = c0 + Math.min(6, last) * cRow;
    int c7 = c0 + Math.min(7, last) * cRow;
    float[] from = add ? c : ZEROS;
    int f0 = add ? c0 : 0;
    int step = add ? cRow : 0;
    int f1 = f0 + Math.min(1, last) * step;
    int f2 = f0 + Math.min(2, last) * step;
    int f3 = f0 + Math.min(3, last) * step;
    int f4 = f0 + Math.min(4, last) * step;
    int f5 = f0 + Math.min(5, last) * step;
    int f6 = f0 + Math.min(6, last) * step;
    int f7 = f0 + Math.min(7, last) * step;
    FloatVector s0 = FloatVector.fromArray(S, from, f0);
    FloatVector s1 = FloatVector.fromArray(S, from, f1);
    FloatVector s2 = FloatVector.fromArray(S, from, f2);
    FloatVector s3 = FloatVector.fromArray(S, from, f3);
    FloatVector s4 = FloatVector.fromArray(S, from, f4);
    FloatVector s5 = FloatVector.fromArray(S, from, f5);
    FloatVector s6 = FloatVector.fromArray(S, from, f6);
    FloatVector s7 = FloatVector.fromArray(S, from, f7);
    for (int p = 0, o = 0; p < k; p++, o += aStep) {
      int row = bRows[p] + j;
      FloatVector b0 = FloatVector.fromArray(S, b, row);
      FloatVector x = FloatVector.broadcast(S, a[a0 + o]);
      s0 = x.fma(b0, s0);
      x = FloatVector.broadcast(S, a[a1 + o]);
      s1 = x.fma(b0, s1);
      x = FloatVector.broadcast(S, a[a2 + o]);
      s2 = x.fma(b0, s2);
      x = FloatVector.broadcast(S, a[a3 + o]);
      s3 = x.fma(b0, s3);
      x = FloatVector.broadcast(S, a[a4 + o]);
      s4 = x.fma(b0, s4);
      x = FloatVector.broadcast(S, a[a5 + o]);
      s5 = x.fma(b0, s5);
      x = FloatVector.broadcast(S, a[a6 + o]);
      s6 = x.fma(b0, s6);
      x = FloatVector.broadcast(S, a[a7 + o]);
      s7 = x.fma(b0, s7);
    }
    s0.intoArray(c, c0);
    s1.intoArray(c, c1);
    s2.intoArray(c, c2);
    s3.intoArray(c, c3);
    s4.intoArray(c, c4);
    s5.intoArray(c, c5);
    s6.intoArray(c, c6);
    s7.intoArray(c, c7);
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
    float[] sums = Scratch.mine().floats(SUMS, 13 * LANES);
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
        SimdRows.totals(sums, 12);
        for (int r = 0; r < Math.min(4, m - i); r++) {
          for (int s = 0; s < Math.min(3, n - q); s++) {
            c[cStart + (i + r) * cRow + q + s] += sums[(3 * r + s) * LANES];
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
