package dev.cadenza.audio.dsp;

import org.jspecify.annotations.Nullable;

/**
 * Inverse short-time Fourier transform: frames are transformed back, windowed again, added where
 * they overlap and divided by the sum of the squared windows, which for an unchanged spectrum gives
 * back the signal (Griffin and Lim, 1984).
 *
 * <pre>
 *   spectrum  [F, T]
 *   result    [n]     length samples, or as many as the frames determine
 * </pre>
 */
public final class InverseStft {
  private final Stft.Settings settings;
  private final double[] taper;
  private final LaneFft fft;

  /**
   * The inverse of the transform of given settings; its frames must be as long as the transform.
   */
  public InverseStft(Stft.Settings settings) {
    if (!settings.alignment().isWholeTransform()
        || !settings.conditioning().equals(Conditioning.NONE)) {
      throw new IllegalArgumentException(
          "istft: frames must be whole transforms and not conditioned, found alignment="
              + settings.alignment()
              + ", "
              + settings.conditioning());
    }
    this.settings = settings;
    taper = settings.window().samples(settings.winLength());
    fft = new LaneFft(settings.nFft(), Kernels.LANES);
  }

  /**
   * The signal of a spectrum.
   *
   * @param length samples wanted; null for as many as the frames determine
   */
  public float[] apply(ComplexSpectrum spectrum, @Nullable Integer length) {
    int n = settings.nFft();
    if (spectrum.bins() != n / 2 + 1) {
      throw new IllegalArgumentException(
          "istft: the spectrum has "
              + spectrum.bins()
              + " bins, nFft="
              + n
              + " needs "
              + (n / 2 + 1));
    }
    int before = settings.alignment() == Framing.Alignment.CENTERED ? n / 2 : 0;
    int frames = spectrum.frames();
    if (length != null) {
      frames = Math.min(frames, (length + 2 * before + settings.hop() - 1) / settings.hop());
    }
    int total = n + settings.hop() * (frames - 1);
    double[] sum = new double[total];
    double[] weight = new double[total];
    for (int first = 0; first < frames; first += LaneKernel.LANES_MULTIPLE) {
      addFrames(spectrum, first, Math.min(LaneKernel.LANES_MULTIPLE, frames - first), sum, weight);
    }
    float[] result = new float[length != null ? length : total - 2 * before];
    for (int i = 0; i < result.length && before + i < total; i++) {
      double w = weight[before + i];
      result[i] = (float) (w > Float.MIN_NORMAL ? sum[before + i] / w : sum[before + i]);
    }
    return result;
  }

  private void addFrames(
      ComplexSpectrum spectrum, int first, int count, double[] sum, double[] weight) {
    int lanes = LaneKernel.LANES_MULTIPLE;
    int n = settings.nFft();
    double[] re = new double[n * lanes];
    double[] im = new double[n * lanes];
    for (int k = 0; k < n; k++) {
      boolean mirrored = k > n - k;
      int row = (mirrored ? n - k : k) * spectrum.frames() + first;
      // A real signal's constant and its highest bin of an even size are real, whatever is stored.
      boolean real = k == 0 || 2 * k == n;
      for (int i = 0; i < count; i++) {
        re[k * lanes + i] = spectrum.re()[row + i];
        im[k * lanes + i] = real ? 0 : mirrored ? -spectrum.im()[row + i] : spectrum.im()[row + i];
      }
    }
    fft.forward(im, re, lanes); // with the parts exchanged, the inverse
    int offset = (n - taper.length) / 2;
    for (int i = 0; i < count; i++) {
      int start = (first + i) * settings.hop() + offset;
      for (int j = 0; j < taper.length; j++) {
        sum[start + j] += taper[j] * re[fft.row(offset + j) * lanes + i] / n;
        weight[start + j] += taper[j] * taper[j];
      }
    }
  }
}
