package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import java.util.Arrays;

/**
 * Where the energy of each frame lies: librosa's {@code spectral_*} features of one magnitude
 * spectrogram {@code [F, T]}.
 */
public final class SpectralShape {
  private final float[][] magnitude;
  private final int frames;
  private final double[] hz;
  private final double halfRate;

  private SpectralShape(float[][] magnitude, int frames, int sampleRate, int nFft) {
    this.magnitude = magnitude;
    this.frames = frames;
    halfRate = sampleRate / 2.0;
    hz = frequencies(magnitude.length, sampleRate, nFft);
  }

  /**
   * Of each bin in Hz, rounded as numpy's {@code rfftfreq} does: whether a bin lies at the edge of
   * a band or beyond it is a matter of the last digit.
   */
  static double[] frequencies(int bins, int sampleRate, int nFft) {
    double step = 1 / (nFft * (1.0 / sampleRate));
    double[] hz = new double[bins];
    Arrays.setAll(hz, k -> k * step);
    return hz;
  }

  /** Of a signal, with librosa's transform: Hann, 2048 samples every 512. */
  public static SpectralShape librosa(float[] signal, int sampleRate) {
    return of(signal, sampleRate, new Stft(Stft.Settings.librosa(2048, 2048, 512, Window.HANN)));
  }

  /** Of a signal, with a given transform. */
  public static SpectralShape of(float[] signal, int sampleRate, Stft stft) {
    return new SpectralShape(
        stft.power(signal, 1), stft.frames(signal.length), sampleRate, stft.settings().nFft());
  }

  /** T. */
  public int frames() {
    return frames;
  }

  /** Mean frequency in Hz, weighted by magnitude, {@code [T]}; 0 in a silent frame. */
  public float[] centroid() {
    float[] result = new float[frames];
    for (int t = 0; t < frames; t++) {
      result[t] = (float) centroid(t);
    }
    return result;
  }

  private double centroid(int t) {
    double sum = 0;
    double weighted = 0;
    for (int k = 0; k < hz.length; k++) {
      sum += magnitude[k][t];
      weighted += hz[k] * magnitude[k][t];
    }
    return weighted / normalizer(sum);
  }

  /** librosa leaves what is too small to divide by as it is. */
  static double normalizer(double sum) {
    return sum < Float.MIN_NORMAL ? 1 : sum;
  }

  /**
   * Spread about the centroid in Hz, {@code (sum m |f - c|^p)^(1/p)} with magnitudes m that sum to
   * 1; librosa's p is 2.
   */
  public float[] bandwidth(double p) {
    float[] result = new float[frames];
    for (int t = 0; t < frames; t++) {
      double centroid = centroid(t);
      double sum = 0;
      double spread = 0;
      for (int k = 0; k < hz.length; k++) {
        sum += magnitude[k][t];
        spread += magnitude[k][t] * Math.pow(Math.abs(hz[k] - centroid), p);
      }
      result[t] = (float) Math.pow(spread / normalizer(sum), 1 / p);
    }
    return result;
  }

  /**
   * Least frequency in Hz below which a share of the magnitude lies, {@code [T]}; librosa's share
   * is 0.85.
   */
  public float[] rolloff(double share) {
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("rolloff: share=" + share + " must be between 0 and 1");
    }
    float[] result = new float[frames];
    float[] cumulative = new float[hz.length];
    for (int t = 0; t < frames; t++) {
      float sum = 0;
      for (int k = 0; k < hz.length; k++) {
        sum += magnitude[k][t]; // in float, as librosa does: it decides which bin is the first
        cumulative[k] = sum;
      }
      float threshold = (float) share * sum;
      int k = 0;
      while (cumulative[k] < threshold) {
        k++;
      }
      result[t] = (float) hz[k];
    }
    return result;
  }

  /** Geometric over arithmetic mean of the power, {@code [T]}: 1 for noise, near 0 for tones. */
  public float[] flatness() {
    double amin = 1e-10;
    float[] result = new float[frames];
    for (int t = 0; t < frames; t++) {
      double logs = 0;
      double sum = 0;
      for (float[] row : magnitude) {
        double power = Math.max(amin, (double) row[t] * row[t]);
        logs += Math.log(power);
        sum += power;
      }
      result[t] = (float) (Math.exp(logs / hz.length) / (sum / hz.length));
    }
    return result;
  }

  /**
   * Peak over valley in dB in octave bands, librosa's defaults: 6 bands from 200 Hz, the outer 2 %
   * of each.
   */
  public Features contrast() {
    return contrast(200, 6, 0.02);
  }

  /**
   * The mean of the strongest bins over that of the weakest in each octave, {@code [bands + 1, T]}
   * in dB.
   *
   * @param fMin upper edge of the first band in Hz
   * @param bands octaves above it
   * @param share of a band's bins that make its peak and its valley, at least one
   */
  public Features contrast(double fMin, int bands, double share) {
    Check.atLeast("contrast", "bands", bands, 1);
    if (!(share > 0 && share < 1)) {
      throw new IllegalArgumentException("contrast: share=" + share + " must be between 0 and 1");
    }
    if (!(fMin > 0 && fMin * Math.pow(2, bands - 1) < halfRate)) {
      throw new IllegalArgumentException(
          "contrast: fMin="
              + fMin
              + " and bands="
              + bands
              + " reach beyond half of the sample rate, "
              + halfRate);
    }
    float[][] peak = new float[bands + 1][frames];
    float[][] valley = new float[bands + 1][frames];
    for (int b = 0; b <= bands; b++) {
      double low = b == 0 ? 0 : fMin * Math.pow(2, b - 1);
      double high = fMin * Math.pow(2, b);
      int from = binsBelow(low, false) - (b > 0 ? 1 : 0);
      int to = b == bands ? hz.length : binsBelow(high, true);
      int outer = (int) Math.max(1, Math.rint(share * (to - from)));
      int last = b < bands ? to - 1 : to; // librosa leaves a band's last bin to the next one
      if (last <= from) {
        throw new IllegalArgumentException(
            "contrast: the band from "
                + low
                + " to "
                + high
                + " Hz has no bin of its own,"
                + " bins are "
                + hz[1]
                + " Hz apart");
      }
      extremes(from, last, Math.min(outer, last - from), valley[b], peak[b]);
    }
    float[] high = Decibels.ofPower(Features.of(peak, frames).values(), 1, 1e-10, 80.0);
    float[] low = Decibels.ofPower(Features.of(valley, frames).values(), 1, 1e-10, 80.0);
    for (int i = 0; i < high.length; i++) {
      high[i] -= low[i];
    }
    return new Features(high, bands + 1, frames);
  }

  /** The number of bins below a frequency, those that lie at it included or not. */
  private int binsBelow(double frequency, boolean included) {
    int count = 0;
    while (count < hz.length && (hz[count] < frequency || (included && hz[count] == frequency))) {
      count++;
    }
    return count;
  }

  /**
   * The means of the {@code count} weakest and strongest of the bins in [from, to) of each frame.
   */
  private void extremes(int from, int to, int count, float[] weakest, float[] strongest) {
    float[] sorted = new float[to - from];
    for (int t = 0; t < frames; t++) {
      for (int k = from; k < to; k++) {
        sorted[k - from] = magnitude[k][t];
      }
      Arrays.sort(sorted);
      double weak = 0;
      double strong = 0;
      for (int i = 0; i < count; i++) {
        weak += sorted[i];
        strong += sorted[sorted.length - 1 - i];
      }
      weakest[t] = (float) (weak / count);
      strongest[t] = (float) (strong / count);
    }
  }
}
