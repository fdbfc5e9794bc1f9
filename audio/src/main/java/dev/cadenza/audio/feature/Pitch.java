package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Autocorrelation;
import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Framing;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.PadMode;

/**
 * Fundamental frequency of each frame, by librosa's {@code yin} and {@code pyin}.
 *
 * @param sampleRate in Hz
 * @param fMin lowest pitch in Hz
 * @param fMax highest pitch in Hz, at most half of the sample rate
 * @param frameLength samples in a frame, which is centred and padded with zeros; librosa's default
 *     is 2048
 * @param hop samples between frames; librosa's default is a quarter of the frame
 */
public record Pitch(int sampleRate, double fMin, double fMax, int frameLength, int hop) {
  public Pitch {
    Check.atLeast("pitch", "sampleRate", sampleRate, 1);
    Check.atLeast("pitch", "hop", hop, 1);
    if (!(fMin > 0 && fMin < fMax && fMax <= sampleRate / 2.0)) {
      throw new IllegalArgumentException(
          "pitch: fMin="
              + fMin
              + " and fMax="
              + fMax
              + " must be above 0, in order and at most half of sampleRate="
              + sampleRate);
    }
    if (sampleRate / fMin >= frameLength - 1) {
      throw new IllegalArgumentException(
          "pitch: frameLength="
              + frameLength
              + " must be at least "
              + (int) (Math.ceil(sampleRate / fMin) + 2)
              + " for fMin="
              + fMin);
    }
  }

  /** librosa's defaults. */
  public static Pitch librosa(int sampleRate, double fMin, double fMax) {
    return new Pitch(sampleRate, fMin, fMax, 2048, 512);
  }

  /** T for a signal of so many samples. */
  public int frames(int samples) {
    return framing().frames(samples);
  }

  private Framing framing() {
    return new Framing(frameLength, hop, Alignment.CENTERED, PadMode.CONSTANT);
  }

  int minPeriod() {
    return (int) Math.floor(sampleRate / fMax);
  }

  int maxPeriod() {
    return Math.min((int) Math.ceil(sampleRate / fMin), frameLength - 1);
  }

  /** YIN with librosa's threshold, 0.1: see {@link #yin(float[], double)}. */
  public float[] yin(float[] signal) {
    return yin(signal, 0.1);
  }

  /**
   * YIN (de Cheveigne and Kawahara, 2002): the frequency in Hz of the first period whose normalised
   * difference falls into a trough below the threshold, or else of the least difference, {@code
   * [T]}. Unvoiced frames get a number too.
   */
  public float[] yin(float[] signal, double threshold) {
    double[][] differences = differences(signal);
    float[] f0 = new float[differences.length];
    for (int t = 0; t < f0.length; t++) {
      double[] d = differences[t];
      int best = 0;
      int first = -1;
      for (int i = 0; i < d.length; i++) {
        best = d[i] < d[best] ? i : best;
        if (first < 0 && isTrough(d, i) && d[i] < threshold) {
          first = i;
        }
      }
      int period = first >= 0 ? first : best;
      f0[t] = (float) (sampleRate / (minPeriod() + period + shift(d, period)));
    }
    return f0;
  }

  /** Probabilistic YIN with librosa's defaults: see {@link ProbabilisticYin}. */
  public ProbabilisticYin.Track pyin(float[] signal) {
    return new ProbabilisticYin(this).apply(signal);
  }

  /**
   * The cumulative mean normalised difference of each frame at periods {@code minPeriod..maxPeriod}
   * samples, by librosa's formula.
   */
  double[][] differences(float[] signal) {
    Check.signal("pitch", signal);
    float[] x = framing().pad(signal);
    int frames = frames(signal.length);
    int max = maxPeriod();
    double[][] correlation = Autocorrelation.of(x, hop, frameLength, frames, max + 1);
    double[][] result = new double[frames][max - minPeriod() + 1];
    for (int t = 0; t < frames; t++) {
      double head = 0;
      double sum = 0;
      for (int k = 1; k <= max; k++) {
        float sample = x[t * hop + k - 1];
        head += (double) sample * sample;
        double difference = 2 * (correlation[t][0] - correlation[t][k]) - head;
        sum += difference;
        if (k >= minPeriod()) {
          result[t][k - minPeriod()] = difference / (sum / k + Double.MIN_NORMAL);
        }
      }
    }
    return result;
  }

  static boolean isTrough(double[] d, int i) {
    if (d.length == 1) {
      return false;
    }
    if (i == 0) {
      return d[0] < d[1];
    }
    return d[i] < d[i - 1] && (i == d.length - 1 || d[i] <= d[i + 1]);
  }

  /** Where the parabola through a value and its neighbours has its least, relative to the value. */
  static double shift(double[] d, int i) {
    if (i == 0 || i == d.length - 1) {
      return 0;
    }
    double bend = d[i + 1] + d[i - 1] - 2 * d[i];
    double slope = (d[i + 1] - d[i - 1]) / 2;
    return Math.abs(slope) >= Math.abs(bend) ? 0 : -slope / bend;
  }
}
