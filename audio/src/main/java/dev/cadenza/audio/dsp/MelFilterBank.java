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
   * Triangles that are straight in Hz: librosa's {@code filters.mel}, computed in double and
   * rounded where librosa rounds.
   *
   * @param fMin lowest frequency in Hz
   * @param fMax highest frequency in Hz
   */
  public static MelFilterBank librosa(
      int sampleRate, int nFft, int nMels, double fMin, double fMax, MelScale scale, Norm norm) {
    double[] edges = scale.frequencies(nMels + 2, fMin, fMax);
    int bins = nFft / 2 + 1;
    float[][] dense = new float[nMels][bins];
    for (int m = 0; m < nMels; m++) {
      double area = norm == Norm.SLANEY ? 2 / (edges[m + 2] - edges[m]) : 1;
      for (int k = 0; k < bins; k++) {
        double hz = (double) k * sampleRate / nFft;
        double rise = (hz - edges[m]) / (edges[m + 1] - edges[m]);
        double fall = (edges[m + 2] - hz) / (edges[m + 2] - edges[m + 1]);
        float weight = (float) Math.max(0, Math.min(rise, fall));
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
