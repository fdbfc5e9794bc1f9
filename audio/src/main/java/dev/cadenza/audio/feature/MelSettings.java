package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Conditioning;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.MelFilterBank.Norm;
import dev.cadenza.audio.dsp.MelFilterBank.Triangles;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.dsp.PadMode;
import dev.cadenza.audio.dsp.RecordText;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import org.jspecify.annotations.Nullable;

/**
 * Everything that decides a log-mel spectrogram; prints as one line, so that two can be compared by
 * eye.
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
 * @param triangles what the sides of a band are straight over
 * @param log the logarithm
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
    Norm melNorm,
    Triangles triangles,
    LogScale log) {

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
  }

  @Override
  public String toString() {
    return RecordText.of(this);
  }

  /** librosa 0.11's {@code power_to_db(melspectrogram(y))} with its defaults, at 22050 Hz. */
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
        Norm.SLANEY,
        Triangles.HZ,
        LogScale.LIBROSA);
  }

  /** torchaudio's {@code AmplitudeToDB()(MelSpectrogram()(y))} with its defaults, at 16 kHz. */
  public static MelSettings torchaudio() {
    return new MelSettings(
        16000,
        400,
        null,
        200,
        Window.HANN,
        Alignment.CENTERED,
        PadMode.REFLECT,
        Conditioning.NONE,
        2,
        128,
        0,
        null,
        MelScale.HTK,
        Norm.NONE,
        Triangles.TORCHAUDIO,
        new LogScale(LogScale.Unit.DECIBEL, 1.0, 1e-10, null));
  }

  /** Kaldi's {@code compute-fbank-feats} with its defaults but no dither: 25 ms every 10 ms. */
  public static MelSettings kaldi(int sampleRate) {
    int winLength = (int) (sampleRate * 0.025);
    return new MelSettings(
        sampleRate,
        powerOfTwo(winLength),
        winLength,
        (int) (sampleRate * 0.01),
        Window.POVEY,
        Alignment.WINDOW_INSIDE,
        PadMode.SYMMETRIC,
        new Conditioning(Conditioning.SHORT_SCALE, true, 0.97),
        2,
        23,
        20,
        null,
        MelScale.HTK,
        Norm.NONE,
        Triangles.MEL,
        LogScale.KALDI);
  }

  /**
   * HTK's filter bank with its defaults (magnitudes, 20 channels, pre-emphasis 0.97, floor 1);
   * frames of 25 ms every 10 ms, which HTK leaves to its user.
   */
  public static MelSettings htk(int sampleRate) {
    int winLength = (int) (sampleRate * 0.025);
    return new MelSettings(
        sampleRate,
        powerOfTwo(winLength),
        winLength,
        (int) (sampleRate * 0.01),
        Window.HAMMING.symmetric(),
        Alignment.WINDOW_INSIDE,
        PadMode.CONSTANT,
        new Conditioning(Conditioning.SHORT_SCALE, false, 0.97),
        1,
        20,
        0,
        null,
        MelScale.HTK,
        Norm.NONE,
        Triangles.HTK,
        new LogScale(LogScale.Unit.NEPER, 1.0, 1, null));
  }

  private static int powerOfTwo(int atLeast) {
    return Integer.highestOneBit(Math.max(1, 2 * atLeast - 1));
  }

  /** The settings of the Fourier transform. */
  public Stft.Settings stft() {
    return new Stft.Settings(
        nFft, winLength != null ? winLength : nFft, hop, window, alignment, padMode, conditioning);
  }

  /** The filters. */
  public MelFilterBank filterBank() {
    // torchaudio halves the sample rate in whole numbers.
    double half =
        triangles == Triangles.TORCHAUDIO ? Math.floorDiv(sampleRate, 2) : sampleRate / 2.0;
    return MelFilterBank.of(
        sampleRate, nFft, nMels, fMin, fMax != null ? fMax : half, melScale, melNorm, triangles);
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
    Norm melNorm;
    Triangles triangles;
    LogScale.Unit unit;
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
      triangles = s.triangles;
      unit = s.log.unit();
      ref = s.log.ref();
      amin = s.log.amin();
      topDb = s.log.topDb();
    }

    /**
     * Sets what Python calls by these names; librosa's come before torchaudio's.
     *
     * @param norm what the norm of the filters is called
     */
    void set(PythonSettings s, String norm) {
      sampleRate = s.integer("sample_rate", s.integer("sr", sampleRate));
      nFft = s.integer("n_fft", nFft);
      winLength = s.orNone("win_length", winLength, Integer::valueOf);
      hop = s.integer("hop_length", hop);
      window = s.read("window", window, Window::parse);
      alignment = s.flag("center", alignment, Alignment.CENTERED, Alignment.INSIDE);
      padMode = s.constant("pad_mode", padMode);
      power = s.real("power", power);
      nMels = s.integer("n_mels", nMels);
      fMin = s.real("f_min", s.real("fmin", fMin));
      fMax = s.orNone("f_max", s.orNone("fmax", fMax, Double::valueOf), Double::valueOf);
      melScale = s.flag("htk", melScale, MelScale.HTK, MelScale.SLANEY);
      melScale = s.constant("mel_scale", melScale);
      melNorm = s.constant(norm, melNorm);
      ref = s.readNullable("ref", ref, text -> text.equals("max") ? null : Double.valueOf(text));
      amin = s.real("amin", amin);
      topDb = s.orNone("top_db", topDb, Double::valueOf);
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
          triangles,
          new LogScale(unit, ref, amin, topDb));
    }
  }
}
