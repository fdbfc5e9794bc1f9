package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Window;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Loops over runs of floats on the heap. Unless said otherwise a run is read and written in whole
 * vectors, up to LANES - 1 floats past its end.
 */
final class SimdRows {
  private static final VectorSpecies<Integer> SI = VectorSpecies.of(int.class, S.vectorShape());

  /** Long sums are cut into chunks whose float sums are added up in double. */
  static final int CHUNK = 64 * LANES;

  private static final float LOG2E = 1.442695f;
  private static final float LN2_HIGH = 0.6933594f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float EXP_LOWEST = -87.33654f;

  /** 1.5 * 2^23: what is added to it and taken away again is rounded to a whole number. */
  private static final float MAGIC = 12582912f;

  private static final float EXP_HIGHEST = 88.37626f;

  /** The slot of the lanes of a sum. */
  private static final int SUM = Scratch.NARROW - 1;

  private static final VectorShuffle<Float> EVEN =
      VectorShuffle.fromOp(S, lane -> 2 * lane % LANES);
  private static final VectorShuffle<Float> ODD =
      VectorShuffle.fromOp(S, lane -> (2 * lane + 1) % LANES);
  private static final VectorMask<Float> LOW = S.indexInRange(0, LANES / 2);

  /** What the first columns of a row enter their hash with. */
  private static final int[] FIRST_STEPS = DropoutMask.steps(LANES);

  /** The rows that {@link #transpose} turns at once. */
  private static final int TILE = 64;

  private SimdRows() {}

  /**
   * The sum of the lanes, halves added to halves. {@code reduceLanes} leaves the order open, and on
   * Java 25 compiled code takes another one than interpreted code: results would depend on when the
   * compiler came by. By way of an array, since a vector that is handed to a method comes from the
   * heap wherever a larger method had no room for that one.
   */
  private static float total(float[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /**
   * The same for {@code count} times LANES numbers one after the other, the first of which become
   * the totals; LANES more follow, and the others are overwritten. Halves are added for all before
   * quarters are, so that no addition waits for the one before.
   */
  static void totals(float[] lanes, int count) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int at = 0; at < count * LANES; at += LANES) {
        FloatVector.fromArray(S, lanes, at + half)
            .add(FloatVector.fromArray(S, lanes, at))
            .intoArray(lanes, at);
      }
    }
  }

  /** The sum of a run whose tail, up to a whole vector, holds zeros. */
  static double sum(float[] x, int from, int n) {
    float[] lanes = Scratch.mine().floats(SUM, LANES);
    double total = 0;
    for (int start = 0; start < n; start += CHUNK) {
      FloatVector s = FloatVector.zero(S);
      int end = Math.min(n, start + CHUNK);
      for (int i = start; i < end; i += LANES) {
        s = FloatVector.fromArray(S, x, from + i).add(s);
      }
      s.intoArray(lanes, 0);
      total += total(lanes);
    }
    return total;
  }

  /** The sum of {@code x - centre}; the tail holds {@code centre}. */
  static double sumOfDifferences(float[] x, int from, int n, float centre) {
    float[] lanes = Scratch.mine().floats(SUM, LANES);
    double total = 0;
    FloatVector c = FloatVector.broadcast(S, centre);
    for (int start = 0; start < n; start += CHUNK) {
      FloatVector s = FloatVector.zero(S);
      int end = Math.min(n, start + CHUNK);
      for (int i = start; i < end; i += LANES) {
        s = FloatVector.fromArray(S, x, from + i).sub(c).add(s);
      }
      s.intoArray(lanes, 0);
      total += total(lanes);
    }
    return total;
  }

  /** The sum of squared distances from {@code centre}; the tail holds {@code centre}. */
  static double sumOfSquares(float[] x, int from, int n, float centre) {
    float[] lanes = Scratch.mine().floats(SUM, LANES);
    double total = 0;
    FloatVector c = FloatVector.broadcast(S, centre);
    for (int start = 0; start < n; start += CHUNK) {
      FloatVector s = FloatVector.zero(S);
      int end = Math.min(n, start + CHUNK);
      for (int i = start; i < end; i += LANES) {
        FloatVector d = FloatVector.fromArray(S, x, from + i).sub(c);
        s = d.fma(d, s);
      }
      s.intoArray(lanes, 0);
      total += total(lanes);
    }
    return total;
  }

  /** The sum of products of two runs from 0, one of which holds zeros in its tail. */
  static double dot(float[] x, float[] y, int n) {
    float[] lanes = Scratch.mine().floats(SUM, LANES);
    double total = 0;
    for (int start = 0; start < n; start += CHUNK) {
      FloatVector s = FloatVector.zero(S);
      int end = Math.min(n, start + CHUNK);
      for (int i = start; i < end; i += LANES) {
        s = FloatVector.fromArray(S, x, i).fma(FloatVector.fromArray(S, y, i), s);
      }
      s.intoArray(lanes, 0);
      total += total(lanes);
    }
    return total;
  }

  /** {@code x = scale x + shift}. */
  static void affine(float[] x, int from, int n, float scale, float shift) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    for (int i = from; i < from + n; i += LANES) {
      FloatVector.fromArray(S, x, i).fma(a, b).intoArray(x, i);
    }
  }

  /** {@code x = max(x + shift, 0)}. */
  static void shiftedRelu(float[] x, int from, int n, float shift) {
    FloatVector b = FloatVector.broadcast(S, shift);
    for (int i = from; i < from + n; i += LANES) {
      FloatVector.fromArray(S, x, i).add(b).max(0).intoArray(x, i);
    }
  }

  /** Copies a run: cheaper than {@link System#arraycopy} if it is short. */
  static void copy(float[] x, int from, int n, float[] to, int at) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(S, x, from + i).intoArray(to, at + i);
    }
  }

  /**
   * Copies rows of n numbers, one after the other, to where they are {@code step} apart with zeros
   * in between. What follows the last one is overwritten, up to a vector of it.
   */
  static void spread(float[] x, int from, int rows, int n, float[] to, int at, int step) {
    boolean plain = SimdProduct.plainFirst((long) rows * n) || step - n > LANES;
    FloatVector zero = FloatVector.zero(S);
    for (int row = 0; row < rows; row++) {
      int start = at + row * step;
      if (plain) {
        System.arraycopy(x, from + row * n, to, start, n);
        Arrays.fill(to, start + n, start + step, 0);
      } else {
        copy(x, from + row * n, n, to, start);
        zero.intoArray(to, start + n);
      }
    }
  }

  /**
   * Copies rows that are {@code step} apart to one after the other, and less than a vector more.
   */
  static void join(float[] x, int from, int step, int rows, int n, float[] to, int at) {
    for (int row = 0; row < rows; row++) {
      copy(x, from + row * step, n, to, at + row * n);
    }
  }

  /**
   * The largest magnitude of a run from 0; NaN if there is one. Reads nothing past the run. Not by
   * {@code abs}, which leaves a NaN its sign until the compiler has come by, on Java 17.
   */
  static float largestMagnitude(float[] x, int n) {
    int whole = SimdProduct.plainFirst(n) ? 0 : n / LANES * LANES;
    IntVector most = IntVector.zero(SI);
    for (int i = 0; i < whole; i += LANES) {
      most = FloatVector.fromArray(S, x, i).reinterpretAsInts().and(Integer.MAX_VALUE).max(most);
    }
    float largest = Float.intBitsToFloat(most.reduceLanes(VectorOperators.MAX));
    for (int i = whole; i < n; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    return largest;
  }

  /** The largest of each column of some rows, {@code step} apart, or the least. NaN wins. */
  static void extreme(float[] x, int from, int step, int rows, int n, boolean min, float[] into) {
    int last = rows * step;
    if (SimdProduct.plainFirst((long) rows * n)) {
      plainExtreme(x, from, step, last, n, min, into);
      return;
    }
    for (int i = 0; i < n; i += LANES) {
      FloatVector first = FloatVector.fromArray(S, x, from + i);
      FloatVector e = first;
      if (min) {
        for (int r = step; r < last; r += step) {
          e = FloatVector.fromArray(S, x, from + i + r).min(e);
        }
        first.min(e).intoArray(into, i);
      } else {
        for (int r = step; r < last; r += step) {
          e = FloatVector.fromArray(S, x, from + i + r).max(e);
        }
        first.max(e).intoArray(into, i);
      }
    }
  }

  private static void plainExtreme(
      float[] x, int from, int step, int last, int n, boolean min, float[] into) {
    for (int i = 0; i < n; i++) {
      float e = x[from + i];
      for (int r = step; r < last; r += step) {
        e = min ? Math.min(e, x[from + i + r]) : Math.max(e, x[from + i + r]);
      }
      into[i] = e;
    }
  }

  /** {@code x[i] = max(x[i], .., x[i + length - 1])}, or min, for a run from 0. NaN wins. */
  static void slidingExtreme(float[] x, int n, int length, boolean min) {
    float sign = min ? -1 : 1;
    for (int i = 0; i < n; i += LANES) {
      FloatVector e = FloatVector.fromArray(S, x, i).mul(sign);
      for (int j = 1; j < length; j++) {
        e = FloatVector.fromArray(S, x, i + j).mul(sign).max(e);
      }
      FloatVector.fromArray(S, x, i).mul(sign).max(e).mul(sign).intoArray(x, i);
    }
  }

  private static FloatVector even(FloatVector low, FloatVector high) {
    return high.rearrange(EVEN).blend(low.rearrange(EVEN), LOW);
  }

  private static FloatVector odd(FloatVector low, FloatVector high) {
    return high.rearrange(ODD).blend(low.rearrange(ODD), LOW);
  }

  /**
   * {@code x[i] = max(x[2 i], x[2 i + 1])}, or min, for a run from 0 of so many results. NaN wins.
   * Whole vectors are read where they were written: one across two of them would have to wait until
   * both are in the cache.
   */
  static void pairwiseExtreme(float[] x, int n, boolean min) {
    if (SimdProduct.plainFirst(2L * n)) {
      for (int i = 0; i < n; i++) {
        x[i] = min ? Math.min(x[2 * i], x[2 * i + 1]) : Math.max(x[2 * i], x[2 * i + 1]);
      }
      return;
    }
    float sign = min ? -1 : 1; // a choice between two vectors would come from the heap
    for (int i = 0; i < n; i += LANES) {
      FloatVector low = FloatVector.fromArray(S, x, 2 * i).mul(sign);
      FloatVector high = FloatVector.fromArray(S, x, 2 * i + LANES).mul(sign);
      even(low, high).max(odd(low, high)).mul(sign).intoArray(x, i);
    }
  }

  /** {@link #pairwiseExtreme} of numbers from 0 to infinity, which are ordered as their bits. */
  static void pairwiseLargest(float[] x, int n) {
    if (SimdProduct.plainFirst(2L * n)) {
      for (int i = 0; i < n; i++) {
        x[i] = Math.max(x[2 * i], x[2 * i + 1]);
      }
      return;
    }
    for (int i = 0; i < n; i += LANES) {
      FloatVector low = FloatVector.fromArray(S, x, 2 * i);
      FloatVector high = FloatVector.fromArray(S, x, 2 * i + LANES);
      IntVector even = even(low, high).reinterpretAsInts();
      even.max(odd(low, high).reinterpretAsInts()).reinterpretAsFloats().intoArray(x, i);
    }
  }

  /**
   * Deals out {@code 2 n} numbers: those at even places to {@code to[even..]}, the others to {@code
   * to[odd..]}.
   */
  static void deal(float[] x, int from, int n, float[] to, int even, int odd) {
    if (SimdProduct.plainFirst(2L * n)) {
      for (int i = 0; i < n; i++) {
        to[even + i] = x[from + 2 * i];
        to[odd + i] = x[from + 2 * i + 1];
      }
      return;
    }
    for (int i = 0; i < n; i += LANES) {
      FloatVector low = FloatVector.fromArray(S, x, from + 2 * i);
      FloatVector high = FloatVector.fromArray(S, x, from + 2 * i + LANES);
      even(low, high).intoArray(to, even + i);
      odd(low, high).intoArray(to, odd + i);
    }
  }

  /**
   * Lets a column of pooling windows compete: {@code best} becomes the larger of itself and {@code
   * sign x}, and {@code places} says which place the larger one has, the earlier one of two that
   * are equal. NaN wins, without a place of its own.
   */
  static void challenge(
      float[] x, int from, int n, float place, float sign, float[] best, float[] places) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector v = FloatVector.fromArray(S, x, from + i).mul(sign);
      FloatVector b = FloatVector.fromArray(S, best, i);
      FloatVector p = FloatVector.fromArray(S, places, i);
      p.blend(place, v.compare(VectorOperators.GT, b)).intoArray(places, i);
      b.max(v).intoArray(best, i);
    }
  }

  /**
   * For each start of a pooling window how far from it the first value stands, row by row, that
   * equals the window's largest (or smallest); 0 where none does (NaN).
   *
   * @param extreme of each window, from 0
   * @param from where the first window starts in {@code x}, whose rows are {@code rowStep} apart
   */
  static void places(
      float[] extreme, float[] x, int from, int rowStep, int n, Window pool, float[] places) {
    Arrays.fill(places, 0, n, 0);
    for (int row = pool.kH() - 1; row >= 0; row--) { // the last first, so that the first stays
      for (int column = pool.kW() - 1; column >= 0; column--) {
        float offset = row * rowStep + column;
        for (int i = 0; i < n; i += LANES) { // innermost: a vector carried by short loops is slow
          VectorMask<Float> here =
              FloatVector.fromArray(S, x, from + row * rowStep + column + i)
                  .compare(VectorOperators.EQ, FloatVector.fromArray(S, extreme, i));
          FloatVector.fromArray(S, places, i).blend(offset, here).intoArray(places, i);
        }
      }
    }
  }

  /** {@code g = x scale + shift <= 0 ? 0 : g}, so that NaN passes; touches nothing past the run. */
  static void reluGradient(float[] g, float[] x, int from, int n, float scale, float shift) {
    FloatVector a = FloatVector.broadcast(S, scale);
    FloatVector b = FloatVector.broadcast(S, shift);
    FloatVector zero = FloatVector.zero(S);
    int whole = from + n / LANES * LANES;
    for (int i = from; i < whole; i += LANES) {
      VectorMask<Float> off =
          FloatVector.fromArray(S, x, i).mul(a).add(b).compare(VectorOperators.LE, 0);
      FloatVector.fromArray(S, g, i).blend(zero, off).intoArray(g, i);
    }
    for (int i = whole; i < from + n; i++) {
      g[i] = x[i] * scale + shift <= 0 ? 0 : g[i];
    }
  }

  /** The sum of a run; reads nothing past it. */
  static double sumWithin(float[] x, int from, int n) {
    int whole = n / LANES * LANES;
    double total = sum(x, from, whole);
    for (int i = from + whole; i < from + n; i++) {
      total += x[i];
    }
    return total;
  }

  /** The sum of {@code x (y - centre)}; reads nothing past the runs. */
  static double productWithin(float[] x, float[] y, int from, int n, float centre) {
    float[] lanes = Scratch.mine().floats(SUM, LANES);
    double total = 0;
    int whole = n / LANES * LANES;
    for (int start = 0; start < whole; start += CHUNK) {
      FloatVector s = FloatVector.zero(S);
      int end = Math.min(whole, start + CHUNK);
      for (int i = from + start; i < from + end; i += LANES) {
        s = FloatVector.fromArray(S, y, i).sub(centre).fma(FloatVector.fromArray(S, x, i), s);
      }
      s.intoArray(lanes, 0);
      total += total(lanes);
    }
    for (int i = from + whole; i < from + n; i++) {
      total += (double) x[i] * (y[i] - centre);
    }
    return total;
  }

  /** {@code into += x}. */
  static void add(float[] into, int to, float[] x, int from, int n) {
    for (int i = 0; i < n; i += LANES) {
      FloatVector.fromArray(S, into, to + i)
          .add(FloatVector.fromArray(S, x, from + i))
          .intoArray(into, to + i);
    }
  }

  /** {@code into += x}, of rows that are {@code step} apart: four at a time. */
  static void addRows(float[] into, int to, float[] x, int step, int rows, int n) {
    int fours = rows / 4 * 4 * step;
    for (int at = 0; at < fours; at += 4 * step) {
      for (int i = 0; i < n; i += LANES) {
        FloatVector low = FloatVector.fromArray(S, x, at + i);
        low = low.add(FloatVector.fromArray(S, x, at + i + step));
        FloatVector high = FloatVector.fromArray(S, x, at + i + 2 * step);
        high = high.add(FloatVector.fromArray(S, x, at + i + 3 * step));
        FloatVector.fromArray(S, into, to + i).add(low.add(high)).intoArray(into, to + i);
      }
    }
    for (int at = fours; at < rows * step; at += step) {
      add(into, to, x, at, n);
    }
  }

  /** Multiplies a row by its {@link DropoutMask}: {@code key} is the row's. */
  static void dropout(float[] x, int from, int n, int key, int threshold, float scale) {
    dropout(x, from, x, n, FIRST_STEPS, 0, key, DropoutMask.COLUMN_STEP, threshold, scale);
  }

  /**
   * Multiplies one column of n rows, which stands from {@code from} on, and whose keys are given.
   */
  static void dropout(
      float[] x,
      int from,
      float[] into,
      int n,
      int[] keys,
      int column,
      int threshold,
      float scale) {
    int step = column * DropoutMask.COLUMN_STEP;
    dropout(x, from, into, n, keys, LANES, step, 0, threshold, scale);
  }

  /**
   * {@link DropoutMask#bits} and the comparison, without masks: the sign of a difference. Hashed is
   * the sum of a table, which moves on by so much a vector, and a number, which moves on by so much
   * a lane. A vector of factors as a result would come from the heap wherever a larger method had
   * no room for this one: of a training step that made 110 to 140 MB of garbage.
   */
  private static void dropout(
      float[] x,
      int from,
      float[] into,
      int n,
      int[] table,
      int tableStep,
      int first,
      int laneStep,
      int threshold,
      float scale) {
    int bits = Float.floatToRawIntBits(scale);
    if (SimdProduct.plainFirst(4L * n)) {
      for (int i = 0; i < n; i++) {
        int hash = table[i / LANES * tableStep + i % LANES] + first + i / LANES * LANES * laneStep;
        float factor = DropoutMask.bits(hash) < threshold ? 0 : scale;
        into[from + i] = x[from + i] * factor;
      }
      return;
    }
    for (int i = 0, at = 0; i < n; i += LANES, at += tableStep) {
      IntVector h = IntVector.fromArray(SI, table, at).add(first + i * laneStep);
      h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16));
      h = h.mul(DropoutMask.HASH_1);
      h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 15));
      h = h.mul(DropoutMask.HASH_2);
      h = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 15));
      h = h.lanewise(VectorOperators.LSHR, 8).sub(threshold);
      IntVector kept = h.lanewise(VectorOperators.ASHR, 31).not().and(bits);
      FloatVector.fromArray(S, x, from + i)
          .mul(kept.reinterpretAsFloats())
          .intoArray(into, from + i);
    }
  }

  /** Copies rows of {@code length} to columns of [length, width]; tails of its rows are 0. */
  static void transpose(float[] a, int[] rows, int length, float[] t, int to, int width) {
    int count = rows.length;
    for (int from = 0; from < length; from += TILE) {
      int n = Math.min(TILE, length - from);
      int corner = to + from * width;
      for (int c = 0; c < count; c += 8) {
        if (c + 8 <= count) {
          eightColumns(a, rows, c, from, 1, n, t, corner + c, width);
        } else {
          someColumns(a, rows, c, from, n, t, corner, width);
        }
      }
      for (int i = 0; count < width && i < n; i++) {
        Arrays.fill(t, corner + i * width + count, corner + (i + 1) * width, 0);
      }
    }
  }

  private static void someColumns(
      float[] a, int[] rows, int first, int from, int length, float[] t, int to, int width) {
    for (int c = first; c < rows.length; c++) {
      for (int i = 0; i < length; i++) {
        t[to + c + i * width] = a[rows[c] + from + i];
      }
    }
  }

  /**
   * Copies eight rows, whose elements are a step apart, to neighbouring columns. Rows past the last
   * one repeat it.
   */
  static void eightColumns(
      float[] a,
      int[] rows,
      int first,
      int from,
      int step,
      int length,
      float[] t,
      int to,
      int width) {
    int last = rows.length - 1;
    int r0 = rows[first] + from;
    int r1 = rows[Math.min(first + 1, last)] + from;
    int r2 = rows[Math.min(first + 2, last)] + from;
    int r3 = rows[Math.min(first + 3, last)] + from;
    int r4 = rows[Math.min(first + 4, last)] + from;
    int r5 = rows[Math.min(first + 5, last)] + from;
    int r6 = rows[Math.min(first + 6, last)] + from;
    int r7 = rows[Math.min(first + 7, last)] + from;
    for (int i = 0, p = 0, o = to; i < length; i++, p += step, o += width) {
      t[o] = a[r0 + p];
      t[o + 1] = a[r1 + p];
      t[o + 2] = a[r2 + p];
      t[o + 3] = a[r3 + p];
      t[o + 4] = a[r4 + p];
      t[o + 5] = a[r5 + p];
      t[o + 6] = a[r6 + p];
      t[o + 7] = a[r7 + p];
    }
  }

  /**
   * {@code e^x} within 2 units in the last place; 0 below -87.3, above 88.3 as at 88.3 (2.3e38).
   * After Cephes' expf: x = n ln 2 + r, e^r by a polynomial, 2^n by its bits.
   */
  static FloatVector exp(FloatVector x) {
    return expOfSmall(x.min(EXP_HIGHEST));
  }

  /** {@link #exp} of numbers that are not above 88.3. */
  static FloatVector expOfSmall(FloatVector x) {
    FloatVector magic = FloatVector.broadcast(S, MAGIC);
    FloatVector shifted = x.fma(FloatVector.broadcast(S, LOG2E), magic);
    FloatVector n = shifted.sub(magic);
    FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), x);
    r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
    FloatVector p = FloatVector.broadcast(S, 1.9875691e-4f);
    p = p.fma(r, FloatVector.broadcast(S, 1.3981999e-3f));
    p = p.fma(r, FloatVector.broadcast(S, 8.333452e-3f));
    p = p.fma(r, FloatVector.broadcast(S, 4.1665796e-2f));
    p = p.fma(r, FloatVector.broadcast(S, 1.6666666e-1f));
    p = p.fma(r, FloatVector.broadcast(S, 0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent =
        shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(p.reinterpretAsInts());
    return exponent.reinterpretAsFloats().blend(0f, x.compare(VectorOperators.LT, EXP_LOWEST));
  }

  /** The same bits of one number. */
  static float expOfSmall(float x) {
    float shifted = Math.fma(x, LOG2E, MAGIC);
    float n = shifted - MAGIC;
    float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, x));
    float p = 1.9875691e-4f;
    p = Math.fma(p, r, 1.3981999e-3f);
    p = Math.fma(p, r, 8.333452e-3f);
    p = Math.fma(p, r, 4.1665796e-2f);
    p = Math.fma(p, r, 1.6666666e-1f);
    p = Math.fma(p, r, 0.5f);
    p = Math.fma(p, r * r, r) + 1;
    int exponent = (Float.floatToRawIntBits(shifted) << 23) + Float.floatToRawIntBits(p);
    return x < EXP_LOWEST ? 0 : Float.intBitsToFloat(exponent);
  }
}
