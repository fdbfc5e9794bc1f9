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
    /** Mels, without the bin at half of the sample rate: Kaldi. */
    MEL,
    /**
     * The same over the bins between {@code fMin} and {@code fMax}, both rounded to the nearest
     * bin, which is left out: HTK.
     */
    HTK
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
   * {@code NONE}, {@code TORCHAUDIO}), Kaldi and HTK ({@code HTK}, {@code NONE}, {@code MEL} or
   * {@code HTK}); computed in double and rounded where librosa rounds, or in float for torchaudio.
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
    double[] hz = scale.frequencies(nMels + 2, fMin, fMax);
    double[] edges = hz;
    double[] grid = new double[nFft / 2 + 1];
    Arrays.setAll(grid, k -> (double) k * sampleRate / nFft);
    double[] bounds = hz;
    int from = 0;
    int to = grid.length;
    switch (triangles) {
      case HZ -> {}
      case MEL, HTK -> {
        Arrays.setAll(grid, k -> scale.mel(grid[k]));
        edges = Arrays.stream(hz).map(scale::mel).toArray();
        to = (nFft + 1) / 2;
        if (triangles == Triangles.HTK) {
          from = (int) Math.round(fMin * nFft / sampleRate) + 1;
          to = (int) Math.min(Math.round(fMax * nFft / sampleRate), to);
        }
      }
      case TORCHAUDIO -> {
        linspace(0, Math.floorDiv(sampleRate, 2), grid);
        edges = new double[nMels + 2];
        linspace((float) scale.mel(fMin), (float) scale.mel(fMax), edges);
        for (int m = 0; m < edges.length; m++) {
          edges[m] = scale.hzInFloat((float) edges[m]);
        }
        bounds = edges;
      }
      default -> throw new AssertionError(triangles);
    }
    boolean inFloat = triangles == Triangles.TORCHAUDIO;
    float[][] dense = new float[nMels][grid.length];
    for (int m = 0; m < nMels; m++) {
      double area = norm == Norm.SLANEY ? ratio(2, bounds[m + 2] - bounds[m], inFloat) : 1;
      while (from < to && grid[from] < edges[m]) {
        from++; // for this band and all above it
      }
      for (int k = from; k < to && grid[k] <= edges[m + 2]; k++) {
        double rise = ratio(grid[k] - edges[m], edges[m + 1] - edges[m], inFloat);
        double fall = ratio(edges[m + 2] - grid[k], edges[m + 2] - edges[m + 1], inFloat);
        float weight = (float) Math.max(0, Math.min(rise, fall));
        dense[m][k] = (float) (weight * area);
      }
    }
    return new MelFilterBank(grid.length, dense);
  }

  private static double ratio(double a, double b, boolean inFloat) {
    return inFloat ? (float) a / (float) b : a / b;
  }

  /** Even steps counted from the nearer end and rounded once, as torch does since 2.0. */
  private static void linspace(float from, float to, double[] out) {
    float step = (to - from) / (out.length - 1);
    for (int i = 0; i < out.length; i++) {
      out[i] =
          i < out.length / 2 ? Math.fma(i, step, from) : Math.fma(i + 1 - out.length, step, to);
    }
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
      WeightedRows.sum(weights[m], spectrum, first[m], out[m], frames);
    }
  }
}
