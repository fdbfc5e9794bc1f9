package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Window;
import java.util.Arrays;
import org.apache.commons.math3.special.Beta;

/**
 * Probabilistic YIN (Mauch and Dixon, 2014): many thresholds at once give each period a
 * probability, and a hidden Markov model over pitches, voiced and unvoiced, finds the most likely
 * path. librosa's {@code pyin} with its defaults.
 */
public final class ProbabilisticYin {
  private static final int THRESHOLDS = 100;
  private static final double BETA_A = 2;
  private static final double BETA_B = 18;
  private static final double BOLTZMANN = 2;
  private static final int BINS_PER_SEMITONE = 10;
  private static final double MAX_OCTAVES_PER_SECOND = 35.92;
  private static final double SWITCH = 0.01;
  private static final double NO_TROUGH = 0.01;

  private final Pitch pitch;
  private final int bins;
  private final double[] thresholdProbability = new double[THRESHOLDS];

  /**
   * A pitch track.
   *
   * @param f0 frequency in Hz, {@code [T]}; NaN where unvoiced
   * @param voiced whether a frame is voiced, {@code [T]}
   * @param voicedProbability how likely that is before frames are seen together, {@code [T]}
   */
  public record Track(float[] f0, boolean[] voiced, float[] voicedProbability) {}

  ProbabilisticYin(Pitch pitch) {
    this.pitch = pitch;
    double octaves = Math.log(pitch.fMax() / pitch.fMin()) / Math.log(2);
    bins = (int) Math.floor(12 * BINS_PER_SEMITONE * octaves) + 1;
    for (int i = 0; i < THRESHOLDS; i++) {
      double low = Beta.regularizedBeta((double) i / THRESHOLDS, BETA_A, BETA_B);
      double high = Beta.regularizedBeta((i + 1.0) / THRESHOLDS, BETA_A, BETA_B);
      thresholdProbability[i] = high - low;
    }
  }

  Track apply(float[] signal) {
    double[][] differences = pitch.differences(signal);
    int frames = differences.length;
    double[][] voicedBins = new double[frames][];
    float[] probability = new float[frames];
    double[] voicedSum = new double[frames];
    for (int t = 0; t < frames; t++) {
      voicedBins[t] = observe(differences[t]);
      voicedSum[t] = Math.max(0, Math.min(1, Arrays.stream(voicedBins[t]).sum()));
      probability[t] = (float) voicedSum[t];
    }
    int[] states = viterbi(voicedBins, voicedSum);
    float[] f0 = new float[frames];
    boolean[] voiced = new boolean[frames];
    for (int t = 0; t < frames; t++) {
      voiced[t] = states[t] < bins;
      double octaves = states[t] % bins / (12.0 * BINS_PER_SEMITONE);
      f0[t] = voiced[t] ? (float) (pitch.fMin() * Math.pow(2, octaves)) : Float.NaN;
    }
    return new Track(f0, voiced, probability);
  }

  /** The probability of each pitch in a frame. */
  private double[] observe(double[] d) {
    double[] result = new double[bins];
    int[] troughs = new int[d.length];
    int count = 0;
    int lowest = 0;
    for (int i = 0; i < d.length; i++) {
      if (Pitch.isTrough(d, i)) {
        troughs[count] = i;
        lowest = d[i] < d[troughs[lowest]] ? count : lowest;
        count++;
      }
    }
    double[] probability = new double[count];
    for (int s = 0; s < THRESHOLDS; s++) {
      double threshold = (s + 1.0) / THRESHOLDS;
      int below = 0;
      for (int i = 0; i < count; i++) {
        below += d[troughs[i]] < threshold ? 1 : 0;
      }
      int position = 0;
      for (int i = 0; i < count; i++) {
        if (d[troughs[i]] < threshold) {
          // Troughs below the threshold share its probability, earlier ones having more of it.
          double share =
              -Math.expm1(-BOLTZMANN)
                  * Math.exp(-BOLTZMANN * position++)
                  / -Math.expm1(-BOLTZMANN * below);
          probability[i] += share * thresholdProbability[s];
        }
      }
      if (count > 0 && !(d[troughs[lowest]] < threshold)) {
        probability[lowest] += NO_TROUGH * thresholdProbability[s];
      }
    }
    for (int i = 0; i < count; i++) {
      if (probability[i] > 0) {
        double period = pitch.minPeriod() + troughs[i] + Pitch.shift(d, troughs[i]);
        double octaves = Math.log(pitch.sampleRate() / period / pitch.fMin()) / Math.log(2);
        int bin = (int) Math.max(0, Math.rint(12 * BINS_PER_SEMITONE * octaves));
        if (bin < bins) {
          result[bin] = probability[i];
        }
      }
    }
    return result;
  }

  /**
   * The most likely path. Pitch moves within a triangle about itself; moves beyond it have the
   * least probability a double holds, as in librosa, and only the best of them can matter.
   */
  private int[] viterbi(double[][] voicedBins, double[] voicedSum) {
    int frames = voicedBins.length;
    int states = 2 * bins;
    Transition transition = new Transition();
    double[] value = new double[states];
    double[] next = new double[states];
    short[][] from = new short[frames][states];
    for (int s = 0; s < states; s++) {
      value[s] = observation(voicedBins[0], voicedSum[0], s) - Math.log(states);
    }
    for (int t = 1; t < frames; t++) {
      int top = argmax(value);
      for (int s = 0; s < states; s++) {
        int best = top;
        double most = value[top] + transition.log(top, s);
        int bin = s % bins;
        for (int i = transition.first(bin); i < transition.end(bin); i++) {
          for (int j = i; j < states; j += bins) {
            double v = value[j] + transition.log(j, s);
            if (v > most || (v == most && j < best)) {
              most = v;
              best = j;
            }
          }
        }
        from[t][s] = (short) best;
        next[s] = observation(voicedBins[t], voicedSum[t], s) + most;
      }
      double[] swap = value;
      value = next;
      next = swap;
    }
    int[] path = new int[frames];
    path[frames - 1] = argmax(value);
    for (int t = frames - 1; t > 0; t--) {
      path[t - 1] = from[t][path[t]];
    }
    return path;
  }

  private double observation(double[] voicedBins, double voicedSum, int state) {
    return Math.log(
        (state < bins ? voicedBins[state] : (1 - voicedSum) / bins) + Double.MIN_NORMAL);
  }

  private static int argmax(double[] x) {
    int best = 0;
    for (int i = 1; i < x.length; i++) {
      best = x[i] > x[best] ? i : best;
    }
    return best;
  }

  /** Logarithms of the probabilities of moves between states. */
  private final class Transition {
    private static final double IMPOSSIBLE = Math.log(Double.MIN_NORMAL);

    private final int half;

    /** By whether the voicing stays, the pitch before, and the distance moved. */
    private final double[][][] near;

    Transition() {
      long semitones =
          (long) Math.rint(MAX_OCTAVES_PER_SECOND * 12 * pitch.hop() / pitch.sampleRate());
      int width = (int) semitones * BINS_PER_SEMITONE + 1;
      if (width > bins) {
        throw new IllegalArgumentException(
            "pyin: hop="
                + pitch.hop()
                + " lets the pitch move by "
                + semitones
                + " semitones, more than lie between fMin="
                + pitch.fMin()
                + " and fMax="
                + pitch.fMax());
      }
      half = width / 2;
      double[] triangle = Window.TRIANGULAR.symmetric().samples(width);
      near = new double[2][bins][width];
      for (int i = 0; i < bins; i++) {
        double sum = 0;
        for (int j = first(i); j < end(i); j++) {
          sum += triangle[j - i + half];
        }
        for (int d = 0; d < width; d++) {
          near[0][i][d] = Math.log(SWITCH * triangle[d] / sum);
          near[1][i][d] = Math.log((1 - SWITCH) * triangle[d] / sum);
        }
      }
    }

    int first(int bin) {
      return Math.max(0, bin - half);
    }

    int end(int bin) {
      return Math.min(bins, bin + half + 1);
    }

    double log(int fromState, int toState) {
      int bin = fromState % bins;
      int distance = toState % bins - bin + half;
      if (distance < 0 || distance > 2 * half) {
        return IMPOSSIBLE;
      }
      boolean stays = (fromState < bins) == (toState < bins);
      return near[stays ? 1 : 0][bin][distance];
    }
  }
}
