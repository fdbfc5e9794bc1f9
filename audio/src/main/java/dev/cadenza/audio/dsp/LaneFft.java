package dev.cadenza.audio.dsp;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Complex Fourier transforms of one size over many frames at once, in double precision, in place.
 *
 * <p>Row {@code k} of a block holds element k of all frames, frame by frame. Steps are decimations
 * in frequency of radix 4, 2 and small odd primes, deepest first so that a sub-transform stays in
 * the cache; nothing is reordered, {@link #row} says where a bin has landed. A size with a large
 * prime factor goes through Bluestein's convolution.
 *
 * <p>Immutable and thread-safe; the caller owns the buffers.
 */
final class LaneFft {
  /** An odd step costs r^2 a row; beyond this, three transforms of a power of two cost less. */
  private static final int LARGEST_RADIX = 13;

  private final int n;
  private final int[] radices;
  private final int[] rowOf;
  private final double[] cos;
  private final double[] sin;
  private final LaneKernel kernel;
  private final @Nullable Bluestein bluestein;

  LaneFft(int n, LaneKernel kernel) {
    this.n = n;
    this.kernel = kernel;
    radices = radices(n);
    boolean direct = Arrays.stream(radices).allMatch(r -> r <= LARGEST_RADIX);
    bluestein = direct ? null : new Bluestein(n, kernel);
    rowOf = new int[n];
    cos = new double[n];
    sin = new double[n];
    for (int k = 0; k < n; k++) {
      rowOf[k] = direct ? landing(k) : k;
      cos[k] = Math.cos(-2 * Math.PI * k / n);
      sin[k] = Math.sin(-2 * Math.PI * k / n);
    }
  }

  /**
   * Odd primes first, then a 2 where one is left, then 4s: the deepest steps are the most, and want
   * the best radix.
   */
  private static int[] radices(int n) {
    int[] found = new int[32];
    int count = 0;
    int left = n;
    for (int r = 3; left >> Integer.numberOfTrailingZeros(left) > 1; r += 2) {
      for (; left % r == 0; left /= r) {
        found[count++] = r;
      }
    }
    if (Integer.numberOfTrailingZeros(left) % 2 == 1) {
      found[count++] = 2;
      left /= 2;
    }
    for (; left > 1; left /= 4) {
      found[count++] = 4;
    }
    return Arrays.copyOf(found, count);
  }

  /**
   * A step of radix r sends bin k to the sub-transform {@code k % r}, there to bin {@code k / r}.
   */
  private int landing(int k) {
    int row = 0;
    int size = n;
    int bin = k;
    for (int r : radices) {
      size /= r;
      row += bin % r * size;
      bin /= r;
    }
    return row;
  }

  int size() {
    return n;
  }

  /** The row that holds bin {@code k} after {@link #forward}. */
  int row(int k) {
    return rowOf[k];
  }

  /** Transforms all rows in place. */
  void forward(double[] re, double[] im, int lanes) {
    forward(re, im, lanes, n);
  }

  /**
   * Transforms in place; {@code lanes} is a multiple of {@link LaneKernel#LANES_MULTIPLE}.
   *
   * @param used the number of rows that count; those behind them are taken for zero
   */
  void forward(double[] re, double[] im, int lanes, int used) {
    boolean half = bluestein == null && n > 1 && radices[0] == 2 && used <= n / 2;
    int end = half ? n / 2 : n;
    Arrays.fill(re, used * lanes, end * lanes, 0);
    Arrays.fill(im, used * lanes, end * lanes, 0);
    if (bluestein != null) {
      bluestein.forward(re, im, lanes);
      return;
    }
    LaneKernel now = kernel.next(n * lanes);
    if (half) {
      radix2(now, re, im, 0, n, lanes, true);
      forward(now, re, im, lanes, 0, n / 2, 1);
      forward(now, re, im, lanes, n / 2, n / 2, 1);
    } else {
      forward(now, re, im, lanes, 0, n, 0);
    }
  }

  private void forward(
      LaneKernel now, double[] re, double[] im, int lanes, int first, int size, int depth) {
    if (size == 1) {
      return;
    }
    int r = radices[depth];
    switch (r) {
      case 4 -> now.radix4(re, im, first, size, lanes, cos, sin);
      case 2 -> radix2(now, re, im, first, size, lanes, false);
      default -> radixOdd(r, re, im, first, size, lanes);
    }
    for (int j = 0; j < r; j++) {
      forward(now, re, im, lanes, first + j * (size / r), size / r, depth + 1);
    }
  }

  private void radix2(
      LaneKernel now, double[] re, double[] im, int first, int size, int lanes, boolean half) {
    int s = size / 2 * lanes;
    int step = n / size;
    for (int k = 0; k < size / 2; k++) {
      int from = (first + k) * lanes;
      if (half) {
        now.radix2OfZero(re, im, from, s, lanes, cos[k * step], sin[k * step]);
      } else {
        now.radix2(re, im, from, s, lanes, cos[k * step], sin[k * step]);
      }
    }
  }

  private void radixOdd(int r, double[] re, double[] im, int first, int size, int lanes) {
    int q = size / r;
    int step = n / size;
    double[] x = new double[r];
    double[] y = new double[r];
    for (int k = 0; k < q; k++) {
      for (int lane = 0; lane < lanes; lane++) {
        int from = (first + k) * lanes + lane;
        for (int l = 0; l < r; l++) {
          x[l] = re[from + l * q * lanes];
          y[l] = im[from + l * q * lanes];
        }
        for (int j = 0; j < r; j++) {
          double u = 0;
          double v = 0;
          for (int l = 0; l < r; l++) {
            int t = j * l % r * (n / r);
            u += x[l] * cos[t] - y[l] * sin[t];
            v += x[l] * sin[t] + y[l] * cos[t];
          }
          int t = j * k * step;
          re[from + j * q * lanes] = u * cos[t] - v * sin[t];
          im[from + j * q * lanes] = u * sin[t] + v * cos[t];
        }
      }
    }
  }

  /**
   * A transform of any size as a convolution with a chirp (L. Bluestein, 1970): {@code kl = (k^2 +
   * l^2 - (k - l)^2) / 2}, so {@code X[k] = w[k] * sum_l (x[l] w[l]) / w[k - l]} with {@code w[k] =
   * exp(-i pi k^2 / n)}.
   */
  private static final class Bluestein {
    private final int n;
    private final LaneFft fft;
    private final double[] wr;
    private final double[] wi;
    // The transform of 1/w, divided by its size, by row.
    private final double[] hr;
    private final double[] hi;

    Bluestein(int n, LaneKernel kernel) {
      this.n = n;
      int size = Integer.highestOneBit(2 * n - 1) * 2;
      fft = new LaneFft(size, kernel);
      wr = new double[n];
      wi = new double[n];
      int lanes = LaneKernel.LANES_MULTIPLE;
      double[] re = new double[size * lanes];
      double[] im = new double[size * lanes];
      for (int k = 0; k < n; k++) {
        double angle = Math.PI * ((long) k * k % (2L * n)) / n;
        wr[k] = Math.cos(angle);
        wi[k] = -Math.sin(angle);
        for (int at : new int[] {k, (size - k) % size}) {
          re[at * lanes] = wr[k] / size;
          im[at * lanes] = -wi[k] / size;
        }
      }
      fft.forward(re, im, lanes);
      hr = new double[size];
      hi = new double[size];
      for (int row = 0; row < size; row++) {
        hr[row] = re[row * lanes];
        hi[row] = im[row * lanes];
      }
    }

    void forward(double[] re, double[] im, int lanes) {
      int size = fft.size();
      double[] ar = new double[size * lanes];
      double[] ai = new double[size * lanes];
      for (int k = 0; k < n; k++) {
        multiply(re, im, k, wr[k], wi[k], ar, ai, k, lanes);
      }
      fft.forward(ar, ai, lanes);
      double[] br = new double[size * lanes];
      double[] bi = new double[size * lanes];
      for (int k = 0; k < size; k++) {
        int row = fft.row(k);
        multiply(ar, ai, row, hr[row], hi[row], br, bi, k, lanes);
      }
      fft.forward(bi, br, lanes); // with the parts exchanged, the inverse
      for (int k = 0; k < n; k++) {
        multiply(br, bi, fft.row(k), wr[k], wi[k], re, im, k, lanes);
      }
    }

    private static void multiply(
        double[] re,
        double[] im,
        int row,
        double c,
        double s,
        double[] toRe,
        double[] toIm,
        int toRow,
        int lanes) {
      int shift = (toRow - row) * lanes;
      for (int i = row * lanes; i < (row + 1) * lanes; i++) {
        double u = re[i];
        double v = im[i];
        toRe[i + shift] = u * c - v * s;
        toIm[i + shift] = u * s + v * c;
      }
    }
  }
}
