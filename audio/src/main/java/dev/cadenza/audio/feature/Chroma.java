package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Energy of each pitch class, {@code [12, T]} from C, the strongest of a frame being 1: librosa's
 * {@code chroma_stft}. Immutable and thread-safe.
 */
public final class Chroma implements FeatureTransform {
  private static final double CENTER_OCTAVE = 5;
  private static final double OCTAVE_WIDTH = 2;
  private static final double A0_HZ = 440.0 / 16;

  private final int sampleRate;
  private final Stft stft;
  private final int nChroma;
  private final @Nullable Double tuning;

  private Chroma(int sampleRate, Stft stft, int nChroma, @Nullable Double tuning) {
    Check.atLeast("chroma", "sampleRate", sampleRate, 1);
    Check.atLeast("chroma", "nChroma", nChroma, 1);
    this.sampleRate = sampleRate;
    this.stft = stft;
    this.nChroma = nChroma;
    this.tuning = tuning;
  }

  /**
   * librosa's defaults at a sample rate: Hann, 2048 samples every 512, 12 classes, tuning
   * estimated.
   */
  public static Chroma librosa(int sampleRate) {
    Stft.Settings stft = Stft.Settings.librosa(2048, 2048, 512, Window.HANN);
    return new Chroma(sampleRate, new Stft(stft), 12, null);
  }

  /** Another transform. */
  public Chroma stft(Stft.Settings stft) {
    return new Chroma(sampleRate, new Stft(stft), nChroma, tuning);
  }

  /** Number of classes in an octave. */
  public Chroma nChroma(int nChroma) {
    return new Chroma(sampleRate, stft, nChroma, tuning);
  }

  /** Deviation of A440 in classes; null to estimate it from each signal. */
  public Chroma tuning(@Nullable Double tuning) {
    return new Chroma(sampleRate, stft, nChroma, tuning);
  }

  @Override
  public Features apply(float[] signal) {
    float[][] power = stft.power(signal, 2);
    int frames = frames(signal.length);
    double shift = tuning != null ? tuning : Tuning.estimate(power, frames, sampleRate, nChroma);
    float[][] filters = filters(shift);
    float[] out = new float[nChroma * frames];
    for (int t = 0; t < frames; t++) {
      double strongest = 0;
      for (int c = 0; c < nChroma; c++) {
        double sum = 0;
        for (int k = 0; k < power.length; k++) {
          sum += (double) filters[c][k] * power[k][t];
        }
        out[c * frames + t] = (float) sum;
        strongest = Math.max(strongest, sum);
      }
      for (int c = 0; c < nChroma; c++) {
        out[c * frames + t] /= (float) SpectralShape.normalizer(strongest);
      }
    }
    return new Features(out, nChroma, frames);
  }

  /**
   * librosa's {@code filters.chroma}: Gaussian bumps about each class in every octave, {@code
   * [classes, F]}.
   */
  private float[][] filters(double shift) {
    int n = stft.settings().nFft();
    double a0 = A0_HZ * Math.pow(2, shift / nChroma);
    double[] bin = new double[n];
    for (int k = 1; k < n; k++) {
      bin[k] = nChroma * Math.log((double) k * sampleRate / n / a0) / Math.log(2);
    }
    bin[0] = bin[1] - 1.5 * nChroma; // 0 Hz has no pitch: an octave and a half below the first bin
    int half = (int) Math.rint(nChroma / 2.0);
    double[][] weights = new double[nChroma][stft.bins()];
    for (int k = 0; k < stft.bins(); k++) {
      double width = k < n - 1 ? Math.max(bin[k + 1] - bin[k], 1) : 1;
      double squares = 0;
      for (int c = 0; c < nChroma; c++) {
        double d = bin[k] - c + half + 10 * nChroma;
        d -= Math.floor(d / nChroma) * nChroma + half;
        weights[c][k] = Math.exp(-0.5 * Math.pow(2 * d / width, 2));
        squares += weights[c][k] * weights[c][k];
      }
      double octave = (bin[k] / nChroma - CENTER_OCTAVE) / OCTAVE_WIDTH;
      double scale = Math.exp(-0.5 * octave * octave) / Math.sqrt(squares);
      for (int c = 0; c < nChroma; c++) {
        weights[c][k] *= scale;
      }
    }
    float[][] filters = new float[nChroma][stft.bins()];
    int toC = 3 * (nChroma / 12); // classes count from A
    for (int c = 0; c < nChroma; c++) {
      for (int k = 0; k < stft.bins(); k++) {
        filters[c][k] = (float) weights[(c + toC) % nChroma][k];
      }
    }
    return filters;
  }

  @Override
  public int bins() {
    return nChroma;
  }

  @Override
  public int frames(int samples) {
    return stft.frames(samples);
  }

  @Override
  public int sampleRate() {
    return sampleRate;
  }

  @Override
  public String toString() {
    return "Chroma[sampleRate="
        + sampleRate
        + ", nChroma="
        + nChroma
        + ", tuning="
        + tuning
        + ", "
        + stft.settings()
        + "]";
  }

  /**
   * librosa's {@code estimate_tuning}: how far the peaks of a spectrogram lie from the nearest
   * class.
   */
  private static final class Tuning {
    private static final double F_MIN = 150;
    private static final double F_MAX = 4000;
    private static final double THRESHOLD = 0.1;
    private static final int STEPS = 100;

    static double estimate(float[][] s, int frames, int sampleRate, int classes) {
      int n = 2 * (s.length - 1);
      double[] hz = SpectralShape.frequencies(s.length, sampleRate, n);
      double[] pitch = new double[s.length * frames];
      double[] strength = new double[pitch.length];
      int found = 0;
      for (int t = 0; t < frames; t++) {
        float strongest = 0;
        for (float[] row : s) {
          strongest = Math.max(strongest, row[t]);
        }
        float least = (float) (THRESHOLD * strongest);
        for (int k = 1; k < s.length; k++) {
          boolean end = k == s.length - 1;
          boolean inside = hz[k] >= F_MIN && hz[k] < Math.min(F_MAX, sampleRate / 2.0);
          if (!inside || !isPeak(s, k, t, least)) {
            continue;
          }
          double slope = end ? s[k][t] - s[k - 1][t] : (s[k + 1][t] - s[k - 1][t]) / 2.0;
          double shift = 0;
          if (!end) {
            double bend = (double) s[k + 1][t] + s[k - 1][t] - 2.0 * s[k][t];
            shift = Math.abs(slope) >= Math.abs(bend) ? 0 : -slope / bend;
          }
          pitch[found] = (k + shift) * sampleRate / n;
          strength[found++] = s[k][t] + 0.5 * slope * shift;
        }
      }
      return found == 0 ? 0 : mostCommon(pitch, strength, found, classes);
    }

    private static boolean isPeak(float[][] s, int k, int t, float least) {
      float here = above(s[k][t], least);
      boolean last = k == s.length - 1;
      return here > above(s[k - 1][t], least) && (last || here >= above(s[k + 1][t], least));
    }

    private static float above(float x, float least) {
      return x > least ? x : 0;
    }

    private static double mostCommon(double[] pitch, double[] strength, int found, int classes) {
      double[] sorted = Arrays.copyOf(strength, found);
      Arrays.sort(sorted);
      double median = (sorted[(found - 1) / 2] + sorted[found / 2]) / 2;
      int[] counts = new int[STEPS];
      for (int i = 0; i < found; i++) {
        if (strength[i] >= median) {
          double x = classes * Math.log(pitch[i] / A0_HZ) / Math.log(2);
          double residual = x - Math.floor(x);
          residual -= residual >= 0.5 ? 1 : 0;
          counts[Math.min(STEPS - 1, (int) ((residual + 0.5) * STEPS))]++;
        }
      }
      int best = 0;
      for (int i = 1; i < STEPS; i++) {
        best = counts[i] > counts[best] ? i : best;
      }
      return (double) best / STEPS - 0.5;
    }
  }
}
