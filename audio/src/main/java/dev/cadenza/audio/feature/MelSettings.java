package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Conditioning;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.dsp.PadMode;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a log-mel spectrogram. Two settings print alike exactly if they compute
 * alike.
 *
 * @param sampleRate in Hz
 * @param nFft size of the Fourier transform
 * @param winLength samples in the window; null for {@code nFft}
 * @param hop samples between frames
 * @param window the taper
 * @param alignment how frames lie
 * @param padMode what stands beyond the ends
 * @param conditioning what is done to a frame before the window
 * @param power exponent of the magnitude: 2 for power, 1 for magnitude
 * @param nMels number of bands
 * @param fMin lowest frequency in Hz
 * @param fMax highest frequency in Hz; null for half of the sample rate
 * @param melScale how bands are spaced
 * @param melNorm how bands are scaled
 * @param log the logarithm
 * @param ref power at 0; null for the clip's maximum
 * @param amin least power before the logarithm
 * @param topDb how far below the clip's maximum values are cut, in the unit of {@code log}; null
 *     for not at all
 */
public record MelSettings(
    int sampleRate,
    int nFft,
    @Nullable Integer winLength,
    int hop,
    Window window,
    Alignment alignment,
    PadMode padMode,
    Conditioning conditioning,
    double power,
    int nMels,
    double fMin,
    @Nullable Double fMax,
    MelScale melScale,
    MelFilterBank.Norm melNorm,
    Log log,
    @Nullable Double ref,
    double amin,
    @Nullable Double topDb) {

  /** The unit of the result. */
  public enum Log {
    /** No logarithm; reference, floor and range do not apply. */
    NONE,
    /** Decibels: 10 log10 of the power. */
    DECIBEL,
    /** Natural logarithm. */
    NATURAL
  }

  public MelSettings {
    Check.atLeast("mel", "sampleRate", sampleRate, 1);
    Check.atLeast("mel", "nFft", nFft, 1);
    Check.atLeast("mel", "hop", hop, 1);
    Check.atLeast("mel", "nMels", nMels, 1);
    Check.positive("mel", "power", power);
    if (winLength != null && (winLength < 1 || winLength > nFft)) {
      throw new IllegalArgumentException(
          "mel: winLength=" + winLength + " must be between 1 and nFft=" + nFft);
    }
    double top = fMax != null ? fMax : sampleRate / 2.0;
    if (!(fMin >= 0 && fMin < top)) {
      throw new IllegalArgumentException(
          "mel: fMin=" + fMin + " must be at least 0 and below fMax=" + top);
    }
    if (!(amin >= Float.MIN_NORMAL)) {
      throw new IllegalArgumentException(
          "mel: amin=" + amin + " must be at least " + Float.MIN_NORMAL);
    }
    if (topDb != null && !(topDb >= 0)) {
      throw new IllegalArgumentException("mel: topDb=" + topDb + " must be at least 0");
    }
  }

  /** librosa's {@code power_to_db(melspectrogram(y))} with its defaults at 22050 Hz. */
  public static MelSettings librosa() {
    return new MelSettings(
        22050,
        2048,
        null,
        512,
        Window.HANN,
        Alignment.CENTERED,
        PadMode.CONSTANT,
        Conditioning.NONE,
        2,
        128,
        0,
        null,
        MelScale.SLANEY,
        MelFilterBank.Norm.SLANEY,
        Log.DECIBEL,
        1.0,
        1e-10,
        80.0);
  }

  /** The settings of the Fourier transform. */
  public Stft.Settings stft() {
    return new Stft.Settings(
        nFft, winLength != null ? winLength : nFft, hop, window, alignment, padMode, conditioning);
  }

  MelFilterBank filterBank() {
    double top = fMax != null ? fMax : sampleRate / 2.0;
    return MelFilterBank.librosa(sampleRate, nFft, nMels, fMin, top, melScale, melNorm);
  }

  /** A mutable copy, for the withers of {@link MelConfig}. */
  static final class Draft {
    int sampleRate;
    int nFft;
    @Nullable Integer winLength;
    int hop;
    Window window;
    Alignment alignment;
    PadMode padMode;
    Conditioning conditioning;
    double power;
    int nMels;
    double fMin;
    @Nullable Double fMax;
    MelScale melScale;
    MelFilterBank.Norm melNorm;
    Log log;
    @Nullable Double ref;
    double amin;
    @Nullable Double topDb;

    Draft(MelSettings s) {
      sampleRate = s.sampleRate;
      nFft = s.nFft;
      winLength = s.winLength;
      hop = s.hop;
      window = s.window;
      alignment = s.alignment;
      padMode = s.padMode;
      conditioning = s.conditioning;
      power = s.power;
      nMels = s.nMels;
      fMin = s.fMin;
      fMax = s.fMax;
      melScale = s.melScale;
      melNorm = s.melNorm;
      log = s.log;
      ref = s.ref;
      amin = s.amin;
      topDb = s.topDb;
    }

    MelSettings build() {
      return new MelSettings(
          sampleRate,
          nFft,
          winLength,
          hop,
          window,
          alignment,
          padMode,
          conditioning,
          power,
          nMels,
          fMin,
          fMax,
          melScale,
          melNorm,
          log,
          ref,
          amin,
          topDb);
    }
  }
}
