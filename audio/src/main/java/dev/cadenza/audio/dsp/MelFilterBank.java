package dev.cadenza.audio.dsp;

import java.util.Arrays;

/**
 * Overlapping triangular filters over the bins of a power spectrum, stored as their non-zero
 * weights.
 *
 * <pre>
 *   spectrum  [F, T]    F = nFft / 2 + 1
 *   result    [M, T]    M mel bands
 * </pre>
 */
public final class MelFilterBank {
  private final int bins;
  private final int[] first;
  private final float[][] weights;

  /** How the area under a triangle is set. */
  public enum Norm {
    /** The area is 1: a triangle is {@code 2 / width in Hz} high; librosa's default. */
    SLANEY,
    /** The peak is 1. */
    NONE
  }

  /** What a triangle's sides are straight over. */
  public enum Triangles {
    /** Frequency in Hz: librosa. */
    HZ,
    /**
     * Frequency in Hz, on torchaudio's grid: bins spread evenly from 0 to {@code sampleRate / 2},
     * rounded down, which for odd sizes and rates is not where they lie.
     */
    TORCHAUDIO,
    /** Mels, without the bin at half of the sample rate: Kaldi and HTK. */
    MEL
  }

  private MelFilterBank(int bins, float[][] dense) {
    this.bins = bins;
    first = new int[dense.length];
    weights = new float[dense.length][];
    for (int m = 0; m < dense.length; m++) {
      int from = 0;
      int to = bins;
      while (from < bins && dense[m][from] == 0) {
        from++;
      }
      while (to > from && dense[m][to - 1] == 0) {
        to--;
      }
      first[m] = from;
      weights[m] = Arrays.copyOfRange(dense[m], from, to);
    }
  }

  /**
   * The filters of librosa ({@code SLANEY} scale and norm, {@code HZ}), torchaudio ({@code HTK},
   * {@code NONE}, {@code TORCHAUDIO}), Kaldi and HTK ({@code HTK}, {@code NONE}, {@code MEL});
   * computed in double and rounded where librosa rounds.
   *
   * @param sampleRate in Hz
   * @param nFft size of the Fourier transform
   * @param nMels M
   * @param fMin lowest frequency in Hz
   * @param fMax highest frequency in Hz
   */
  public static MelFilterBank of(
      int sampleRate,
      int nFft,
      int nMels,
      double fMin,
      double fMax,
      MelScale scale,
      Norm norm,
      Triangles triangles) {
    int bins = nFft / 2 + 1;
    boolean inMels = triangles == Triangles.MEL;
    double[] hz = scale.frequencies(nMels + 2, fMin, fMax);
    double[] edges = inMels ? Arrays.stream(hz).map(scale::mel).toArray() : hz;
    float[][] dense = new float[nMels][bins];
    for (int k = 0; k < (inMels ? (nFft + 1) / 2 : bins); k++) {
      double frequency =
          triangles == Triangles.TORCHAUDIO
              ? (double) k * Math.floorDiv(sampleRate, 2) / (bins - 1)
              : (double) k * sampleRate / nFft;
      double x = inMels ? scale.mel(frequency) : frequency;
      for (int m = 0; m < nMels; m++) {
        double rise = (x - edges[m]) / (edges[m + 1] - edges[m]);
        double fall = (edges[m + 2] - x) / (edges[m + 2] - edges[m + 1]);
        float weight = (float) Math.max(0, Math.min(rise, fall));
        double area = norm == Norm.SLANEY ? 2 / (hz[m + 2] - hz[m]) : 1;
        dense[m][k] = (float) (weight * area);
      }
    }
    return new MelFilterBank(bins, dense);
  }

  /** M, the number of bands. */
  public int bands() {
    return weights.length;
  }

  /** F, the number of bins that a spectrum must have. */
  public int bins() {
    return bins;
  }

  /** The filters as rows, {@code [M, F]}. */
  public float[][] toArray() {
    float[][] dense = new float[weights.length][bins];
    for (int m = 0; m < weights.length; m++) {
      System.arraycopy(weights[m], 0, dense[m], first[m], weights[m].length);
    }
    return dense;
  }

  /**
   * Writes the bands of the first {@code frames} frames of {@code spectrum} [F, T] to {@code out}
   * [M, T].
   */
  public void apply(float[][] spectrum, float[][] out, int frames) {
    for (int m = 0; m < weights.length; m++) {
      Kernels.LANES.weightedSum(weights[m], spectrum, first[m], out[m], frames);
    }
  }
}
