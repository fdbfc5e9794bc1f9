package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.Framing;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.PadMode;
import java.util.ArrayList;
import java.util.List;

/** Loudness of frames, and what follows from it: zero crossings, silence, voice activity. */
public final class Levels {
  private Levels() {}

  /** A stretch of samples, {@code [start, end)}. */
  public record Interval(int start, int end) {}

  /**
   * librosa's {@code feature.rms}: root mean square of centred frames, zeros beyond the ends,
   * {@code [T]}.
   */
  public static float[] rms(float[] signal, int frameLength, int hop) {
    Check.signal("rms", signal);
    Framing framing = new Framing(frameLength, hop, Alignment.CENTERED, PadMode.CONSTANT);
    float[] x = framing.pad(signal);
    float[] result = new float[framing.frames(signal.length)];
    for (int t = 0; t < result.length; t++) {
      double sum = 0;
      for (int i = t * hop; i < t * hop + frameLength; i++) {
        sum += (double) x[i] * x[i];
      }
      result[t] = (float) Math.sqrt(sum / frameLength);
    }
    return result;
  }

  /**
   * librosa's {@code feature.zero_crossing_rate}: the share of samples of centred frames whose sign
   * differs from that of the sample before, the signal's ends being repeated beyond them, {@code
   * [T]}. Values within 1e-10 of 0 count as 0.
   */
  public static float[] zeroCrossingRate(float[] signal, int frameLength, int hop) {
    Check.signal("zero crossing rate", signal);
    Framing framing = new Framing(frameLength, hop, Alignment.CENTERED, PadMode.EDGE);
    float[] x = framing.pad(signal);
    float[] result = new float[framing.frames(signal.length)];
    for (int t = 0; t < result.length; t++) {
      int crossings = 0;
      for (int i = t * hop + 1; i < t * hop + frameLength; i++) {
        crossings += negative(x[i]) != negative(x[i - 1]) ? 1 : 0;
      }
      result[t] = (float) crossings / frameLength;
    }
    return result;
  }

  private static boolean negative(float x) {
    return x < -1e-10f;
  }

  /**
   * librosa's {@code effects.split}: the stretches whose frames are less than {@code topDb} below
   * the loudest one.
   *
   * @param topDb librosa's default is 60
   * @param frameLength librosa's default is 2048
   * @param hop librosa's default is 512
   */
  public static List<Interval> split(float[] signal, double topDb, int frameLength, int hop) {
    boolean[] loud = loud(signal, topDb, frameLength, hop);
    List<Interval> intervals = new ArrayList<>();
    for (int t = 0; t < loud.length; t++) {
      if (loud[t]) {
        int end = t;
        while (end < loud.length && loud[end]) {
          end++;
        }
        intervals.add(
            new Interval(Math.min(t * hop, signal.length), Math.min(end * hop, signal.length)));
        t = end;
      }
    }
    return intervals;
  }

  /**
   * librosa's {@code effects.trim}: from the first loud frame to the last; empty where there is
   * none.
   */
  public static Interval trim(float[] signal, double topDb, int frameLength, int hop) {
    List<Interval> loud = split(signal, topDb, frameLength, hop);
    return loud.isEmpty()
        ? new Interval(0, 0)
        : new Interval(loud.get(0).start(), loud.get(loud.size() - 1).end());
  }

  private static boolean[] loud(float[] signal, double topDb, int frameLength, int hop) {
    float[] rms = rms(signal, frameLength, hop);
    float loudest = 0;
    for (float r : rms) {
      loudest = Math.max(loudest, r);
    }
    float[] db = Decibels.ofAmplitude(rms, loudest, 1e-5, null);
    boolean[] loud = new boolean[db.length];
    for (int t = 0; t < db.length; t++) {
      loud[t] = db[t] > -topDb;
    }
    return loud;
  }

  /**
   * Kaldi's {@code compute-vad}: a frame is voiced if at least {@code proportion} of the frames
   * within {@code context} have a log energy above {@code threshold + meanScale * mean}.
   *
   * @param logEnergy natural logarithm of each frame's energy, such as row 0 of {@link
   *     Mfcc#kaldi()}
   * @param threshold Kaldi's default is 5
   * @param meanScale share of the mean over all frames; Kaldi's default is 0.5
   * @param context frames to each side; Kaldi's default is 0
   * @param proportion Kaldi's default is 0.6
   */
  public static boolean[] voiceActivity(
      float[] logEnergy, double threshold, double meanScale, int context, double proportion) {
    Check.atLeast("voice activity", "context", context, 0);
    int frames = logEnergy.length;
    double mean = 0;
    for (float e : logEnergy) {
      mean += e / frames;
    }
    double limit = threshold + meanScale * mean;
    boolean[] voiced = new boolean[frames];
    for (int t = 0; t < frames; t++) {
      int from = Math.max(0, t - context);
      int to = Math.min(frames, t + context + 1);
      int above = 0;
      for (int s = from; s < to; s++) {
        above += logEnergy[s] > limit ? 1 : 0;
      }
      voiced[t] = above >= (to - from) * proportion;
    }
    return voiced;
  }
}
