package dev.cadenza.audio.dsp;

/**
 * Fourier transforms of real frames, many at once. An even size N runs as a complex transform of
 * size N/2 of even samples (real part) and odd samples (imaginary part), which {@link #power} and
 * {@link #bins} take apart.
 */
final class RealFft {
  private final int n;
  private final LaneKernel kernel;
  private final LaneFft fft;
  private final double[] cos;
  private final double[] sin;

  RealFft(int n, LaneKernel kernel) {
    this.n = n;
    this.kernel = kernel;
    fft = new LaneFft(n % 2 == 0 ? n / 2 : n, kernel);
    cos = new double[n / 4 + 1];
    sin = new double[n / 4 + 1];
    for (int k = 0; k <= n / 4; k++) {
      cos[k] = Math.cos(-2 * Math.PI * k / n);
      sin[k] = Math.sin(-2 * Math.PI * k / n);
    }
  }

  int bins() {
    return n / 2 + 1;
  }

  /** Rows that a block of samples needs in each of its two buffers. */
  int rows() {
    return fft.size();
  }

  /**
   * True where odd samples go to the imaginary buffer, {@code x[s]} to row {@code s / 2}; else x[s]
   * is row s of re.
   */
  boolean packed() {
    return n % 2 == 0;
  }

  /**
   * Transforms a block in place; its bins are then read by {@link #power} or {@link #bins}.
   *
   * @param used the number of rows that count; those behind them are taken for zero
   */
  void forward(double[] re, double[] im, int lanes, int used) {
    fft.forward(re, im, lanes, used);
  }

  /** Writes the power of bin k to {@code out[k][to .. to + lanes)}. */
  void power(double[] re, double[] im, int lanes, float[][] out, int to) {
    if (!packed()) {
      for (int k = 0; k < bins(); k++) {
        int from = fft.row(k) * lanes;
        for (int i = 0; i < lanes; i++) {
          out[k][to + i] = (float) (re[from + i] * re[from + i] + im[from + i] * im[from + i]);
        }
      }
      return;
    }
    int half = n / 2;
    LaneKernel now = kernel.next(half * lanes);
    for (int k = 0; k <= half / 2; k++) {
      now.power(
          re,
          im,
          fft.row(k) * lanes,
          fft.row((half - k) % half) * lanes,
          lanes,
          cos[k],
          sin[k],
          out[k],
          out[half - k],
          to);
    }
  }

  /** Writes bin k to row k of {@code outRe} and {@code outIm}. */
  void bins(double[] re, double[] im, int lanes, double[] outRe, double[] outIm) {
    int half = n / 2;
    for (int k = 0; k < bins(); k++) {
      int a = fft.row(packed() ? k % half : k) * lanes;
      int b = packed() ? fft.row((half - k) % half) * lanes : 0;
      // Above the middle, the twiddle factor of its mirror image, conjugated and negated.
      boolean mirrored = k > half - k;
      double wr = packed() ? (mirrored ? -cos[half - k] : cos[k]) : 0;
      double wi = packed() ? (mirrored ? sin[half - k] : sin[k]) : 0;
      for (int i = 0; i < lanes; i++) {
        int to = k * lanes + i;
        if (packed()) {
          double or = (im[a + i] + im[b + i]) / 2;
          double oi = (re[b + i] - re[a + i]) / 2;
          outRe[to] = (re[a + i] + re[b + i]) / 2 + or * wr - oi * wi;
          outIm[to] = (im[a + i] - im[b + i]) / 2 + or * wi + oi * wr;
        } else {
          outRe[to] = re[a + i];
          outIm[to] = im[a + i];
        }
      }
    }
  }
}
