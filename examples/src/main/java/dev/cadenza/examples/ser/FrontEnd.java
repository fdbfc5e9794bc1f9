package dev.cadenza.examples.ser;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.FeatureTransform;
import dev.cadenza.audio.feature.LogMel;
import dev.cadenza.audio.feature.Mfcc;
import java.util.Arrays;

/**
 * From the sound of a clip to the features [F, T] that a network reads: mono, a window of fixed
 * length, the sample rate of the features, zeros where the clip is too short. Immutable and
 * thread-safe.
 */
public final class FrontEnd {

  /** What is computed from the sound. */
  public enum Kind {
    /** Mel-frequency cepstral coefficients. */
    MFCC,
    /** Mel spectrogram in decibels below the clip's maximum. */
    LOG_MEL
  }

  /**
   * What decides the features; conventions are librosa's, the window is a periodic Hamming window.
   *
   * @param kind what is computed
   * @param sampleRate in Hz
   * @param skipSeconds what is left out at the beginning
   * @param takeSeconds what is looked at after that
   * @param nFft size of the Fourier transform
   * @param winLength samples in the window
   * @param hop samples from frame to frame
   * @param nMels mel bands
   * @param nMfcc coefficients, F of {@link Kind#MFCC}; of no importance to {@link Kind#LOG_MEL}
   */
  public record Settings(
      Kind kind,
      int sampleRate,
      double skipSeconds,
      double takeSeconds,
      int nFft,
      int winLength,
      int hop,
      int nMels,
      int nMfcc) {

    private FeatureTransform transform() {
      return switch (kind) {
        case MFCC ->
            Mfcc.librosa()
                .sampleRate(sampleRate)
                .nFft(nFft)
                .winLength(winLength)
                .hopLength(hop)
                .window(Window.HAMMING)
                .nMfcc(nMfcc)
                .nMels(nMels);
        case LOG_MEL ->
            LogMel.librosa()
                .sampleRate(sampleRate)
                .nFft(nFft)
                .winLength(winLength)
                .hopLength(hop)
                .window(Window.HAMMING)
                .nMels(nMels)
                .refMax();
      };
    }
  }

  private final Settings settings;
  private final FeatureTransform transform;

  /** A front end with these settings. */
  public FrontEnd(Settings settings) {
    this.settings = settings;
    this.transform = settings.transform();
  }

  /** What decides the features. */
  public Settings settings() {
    return settings;
  }

  /** F, rows of the features. */
  public int bins() {
    return transform.bins();
  }

  /** T, columns of the features. */
  public int frames() {
    return transform.frames(samples());
  }

  private int samples() {
    return (int) (settings.takeSeconds * settings.sampleRate);
  }

  /**
   * What the network gets to hear of a clip.
   *
   * @return mono samples, as many for every clip
   */
  public float[] signal(Audio audio) {
    Audio part = audio.slice(settings.skipSeconds, settings.takeSeconds).mono();
    return Arrays.copyOf(part.resample(settings.sampleRate).samples(), samples());
  }

  /**
   * The features of a {@link #signal}, [F, T] in row-major order.
   *
   * @throws IllegalArgumentException if the signal holds NaN or infinity
   */
  public float[] features(float[] signal) {
    return transform.apply(signal).values();
  }

  /** All settings down to the conventions on one line. */
  @Override
  public String toString() {
    return "skip=" + settings.skipSeconds + " s, take=" + settings.takeSeconds + " s, " + transform;
  }
}
