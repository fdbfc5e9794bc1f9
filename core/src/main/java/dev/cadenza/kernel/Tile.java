package dev.cadenza.kernel;

import java.util.Arrays;

/**
 * Some numbers of an {@link Array} of either type, on the heap. What changes every number is
 * written in doubles, and for floats once more, so that the compiler makes vectors of it: Java 17
 * has no vector instruction from float to double outside of the Vector API, and one by one it takes
 * twenty times as long. Sums are taken in doubles, through {@link #get}. A program of float32 alone
 * never sees the other type, so that the compiler knows what is called.
 */
abstract sealed class Tile {
  private Tile() {}

  static Tile of(DType type, int size) {
    return type == DType.FLOAT32 ? new Floats(size) : new Doubles(size);
  }

  abstract int size();

  abstract double get(int i);

  abstract void set(int i, double value);

  /** Takes {@code n} numbers of an array of this type, from position {@code from} on. */
  void read(Array a, int from, int n) {
    read(a, from, 0, n);
  }

  /** The same, to {@code at} and the places after it. */
  abstract void read(Array a, int from, int at, int n);

  /** Puts the first {@code n} numbers into an array of this type. */
  abstract void write(Array a, int to, int n);

  /** Sets the first {@code n}. */
  void fill(double value, int n) {
    for (int i = 0; i < n; i++) {
      set(i, value);
    }
  }

  /** Sets those from {@code from} to before {@code to} to 0. */
  void clear(int from, int to) {
    for (int i = from; i < to; i++) {
      set(i, 0);
    }
  }

  /**
   * Adds {@code a - centreA} to each of the first {@code n}, and the product of that with {@code b
   * - centreB} to those of {@code products}.
   */
  void addProducts(Tile a, double centreA, Tile b, double centreB, Tile products, int n) {
    for (int i = 0; i < n; i++) {
      double d = a.get(i) - centreA;
      set(i, get(i) + d);
      products.set(i, products.get(i) + d * (b.get(i) - centreB));
    }
  }

  /** The larger of each of the first {@code n} and {@code least}; NaN wins. */
  void keepLargest(double least, int n) {
    for (int i = 0; i < n; i++) {
      set(i, Math.max(get(i), least));
    }
  }

  /** The same with those of {@code x}. */
  void keepLargest(Tile x, int n) {
    keepLargest(0, x, 0, 1, n);
  }

  /**
   * The same for those from {@code at} on and those of {@code x} that begin at {@code from} and are
   * {@code step} apart.
   */
  void keepLargest(int at, Tile x, int from, int step, int n) {
    for (int i = 0; i < n; i++) {
      set(at + i, Math.max(get(at + i), x.get(from + i * step)));
    }
  }

  /**
   * Replaces the places of each of {@code n} winners, from {@code at} on, by {@code from} and what
   * is {@code step} apart, unless the number there is at most as large as the winner.
   */
  void challenge(int from, int step, int[] winners, int at, int n) {
    for (int i = 0; i < n; i++) {
      int s = from + i * step;
      winners[at + i] = get(s) <= get(winners[at + i]) ? winners[at + i] : s;
    }
  }

  /** Takes over the {@code n} numbers of {@code x} at these places. */
  void pick(Tile x, int[] places, int n) {
    for (int i = 0; i < n; i++) {
      set(i, x.get(places[i]));
    }
  }

  /**
   * Sets {@code n} numbers from {@code at} on to how far their places are from corners, of which
   * the first is at {@code corner} and the others {@code step} apart.
   */
  void distances(int[] places, int corner, int step, int at, int n) {
    for (int i = at, from = corner; i < at + n; i++, from += step) {
      set(i, places[i] - from);
    }
  }

  /** Adds numbers of {@code x}, scaled, where {@link #distances} says that they belong. */
  void scatter(int corner, int step, Tile distances, Tile x, double scale, int at, int n) {
    for (int i = at, from = corner; i < at + n; i++, from += step) {
      int place = from + (int) distances.get(i);
      set(place, get(place) + x.get(i) * scale);
    }
  }

  /** {@code (a - mean) scale + shift} for the first {@code n}. */
  void affine(double mean, double scale, double shift, int n) {
    for (int i = 0; i < n; i++) {
      set(i, (get(i) - mean) * scale + shift);
    }
  }

  /** {@code (a - shift - (x - mean) slope) scale} for the first {@code n}. */
  void combine(double shift, Tile x, double mean, double slope, double scale, int n) {
    for (int i = 0; i < n; i++) {
      set(i, (get(i) - shift - (x.get(i) - mean) * slope) * scale);
    }
  }

  /** Multiplies each of the first {@code n} by {@code factors[choice]}. */
  void multiply(int[] choices, double[] factors, int n) {
    for (int i = 0; i < n; i++) {
      set(i, get(i) * factors[choices[i]]);
    }
  }

  /**
   * Adds {@code n} numbers of {@code x} from position {@code from} on to those that begin at {@code
   * at} and are {@code step} apart.
   */
  void add(int at, int step, Tile x, int from, int n) {
    for (int i = 0; i < n; i++) {
      set(at + i * step, get(at + i * step) + x.get(from + i));
    }
  }

  /** Adds the numbers of {@code x} from {@code from} to before {@code to}. */
  void add(Tile x, int from, int to) {
    for (int i = from; i < to; i++) {
      set(i, get(i) + x.get(i));
    }
  }

  /** Makes 0 of those of the first {@code n} where {@code y} is 0 or below, not where it is NaN. */
  void keepWherePositive(Tile y, int n) {
    for (int i = 0; i < n; i++) {
      set(i, y.get(i) <= 0 ? 0 : get(i));
    }
  }

  private static final class Floats extends Tile {
    private static final int INFINITY = Float.floatToRawIntBits(Float.POSITIVE_INFINITY);

    private final float[] a;

    Floats(int size) {
      a = new float[size];
    }

    @Override
    int size() {
      return a.length;
    }

    @Override
    double get(int i) {
      return a[i];
    }

    @Override
    void set(int i, double value) {
      a[i] = (float) value;
    }

    @Override
    void read(Array from, int start, int at, int n) {
      from.read(start, a, at, n);
    }

    @Override
    void write(Array to, int start, int n) {
      to.write(start, a, 0, n);
    }

    @Override
    void fill(double value, int n) {
      Arrays.fill(a, 0, n, (float) value);
    }

    @Override
    void addProducts(Tile x, double centreX, Tile y, double centreY, Tile products, int n) {
      float[] left = ((Floats) x).a;
      float[] right = ((Floats) y).a;
      float[] product = ((Floats) products).a;
      float l = (float) centreX;
      float r = (float) centreY;
      for (int i = 0; i < n; i++) {
        float d = left[i] - l;
        a[i] += d;
        product[i] += d * (right[i] - r);
      }
    }

    @Override
    void keepLargest(double least, int n) {
      float bound = (float) least;
      for (int i = 0; i < n; i++) {
        a[i] = Math.max(a[i], bound);
      }
    }

    /** Where all begins at the first number the compiler makes vectors of it. */
    @Override
    void keepLargest(Tile x, int n) {
      float[] b = ((Floats) x).a;
      for (int i = 0; i < n; i++) {
        a[i] = Math.max(a[i], b[i]);
      }
    }

    @Override
    void keepLargest(int at, Tile x, int from, int step, int n) {
      float[] b = ((Floats) x).a;
      for (int i = at, s = from; i < at + n; i++, s += step) {
        a[i] = Math.max(a[i], b[s]);
      }
    }

    @Override
    void challenge(int from, int step, int[] winners, int at, int n) {
      for (int i = at, s = from; i < at + n; i++, s += step) {
        int best = winners[i];
        winners[i] = a[s] <= a[best] ? best : s; // no branch that no processor can predict
      }
    }

    /** The mean in two floats: where it is far from 0, its rounding would be seen. */
    @Override
    void affine(double mean, double scale, double shift, int n) {
      float high = (float) mean;
      float low = (float) (mean - high);
      float factor = (float) scale;
      float term = (float) shift;
      for (int i = 0; i < n; i++) {
        a[i] = ((a[i] - high) - low) * factor + term;
      }
    }

    @Override
    void pick(Tile x, int[] places, int n) {
      float[] b = ((Floats) x).a;
      for (int i = 0; i < n; i++) {
        a[i] = b[places[i]];
      }
    }

    @Override
    void distances(int[] places, int corner, int step, int at, int n) {
      for (int i = at, from = corner; i < at + n; i++, from += step) {
        a[i] = places[i] - from;
      }
    }

    @Override
    void scatter(int corner, int step, Tile distances, Tile x, double scale, int at, int n) {
      float[] far = ((Floats) distances).a;
      float[] b = ((Floats) x).a;
      float factor = (float) scale;
      for (int i = at, from = corner; i < at + n; i++, from += step) {
        a[from + (int) far[i]] += b[i] * factor;
      }
    }

    @Override
    void combine(double shift, Tile x, double mean, double slope, double scale, int n) {
      float[] b = ((Floats) x).a;
      float high = (float) mean;
      float low = (float) (mean - high);
      float steep = (float) slope;
      float term = (float) shift;
      float factor = (float) scale;
      for (int i = 0; i < n; i++) {
        a[i] = (a[i] - term - ((b[i] - high) - low) * steep) * factor;
      }
    }

    @Override
    void keepWherePositive(Tile y, int n) {
      float[] b = ((Floats) y).a;
      for (int i = 0; i < n; i++) { // bits: no branch, and no 0 times infinity
        int v = Float.floatToRawIntBits(b[i]);
        int positive = -v & ~v;
        int nan = INFINITY - (v & Integer.MAX_VALUE);
        int kept = (positive | nan) >> 31; // the sign
        a[i] = Float.intBitsToFloat(Float.floatToRawIntBits(a[i]) & kept);
      }
    }

    @Override
    void multiply(int[] choices, double[] factors, int n) {
      float[] f = {(float) factors[0], (float) factors[1]};
      for (int i = 0; i < n; i++) {
        a[i] *= f[choices[i]];
      }
    }

    @Override
    void add(Tile x, int from, int to) {
      float[] b = ((Floats) x).a;
      for (int i = from; i < to; i++) {
        a[i] += b[i];
      }
    }

    @Override
    void add(int at, int step, Tile x, int from, int n) {
      float[] b = ((Floats) x).a;
      for (int i = 0; i < n; i++) {
        a[at + i * step] += b[from + i];
      }
    }
  }

  private static final class Doubles extends Tile {
    private final double[] a;

    Doubles(int size) {
      a = new double[size];
    }

    @Override
    int size() {
      return a.length;
    }

    @Override
    double get(int i) {
      return a[i];
    }

    @Override
    void set(int i, double value) {
      a[i] = value;
    }

    @Override
    void read(Array from, int start, int at, int n) {
      from.read(start, a, at, n);
    }

    @Override
    void write(Array to, int start, int n) {
      to.write(start, a, 0, n);
    }
  }
}
