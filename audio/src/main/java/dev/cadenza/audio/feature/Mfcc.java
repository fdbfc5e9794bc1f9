package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Dct;
import dev.cadenza.audio.dsp.RecordText;
import dev.cadenza.audio.dsp.Stft;

/**
 * Mel-frequency cepstral coefficients, {@code [K, T]}: coefficients, then frames.
 *
 * <pre>{@code
 * Mfcc mfcc = Mfcc.librosa().sampleRate(48000).nMfcc(40).nFft(1024).winLength(512).window(Window.HAMMING);
 * Features features = mfcc.apply(signal);
 * }</pre>
 *
 * <p>Immutable, thread-safe, and meant to be kept: filters and tables are built on the first use.
 */
public final class Mfcc extends MelConfig<Mfcc> {
  private final Settings settings;
  private final Dct dct;

  /** What stands for coefficient 0, the level of a frame, and where. */
  public enum Zeroth {
    /** Coefficient 0, first: librosa, torchaudio. */
    FIRST,
    /** Coefficient 0, after the others: HTK's {@code MFCC_0}. */
    LAST,
    /** The logarithm of the frame's energy, first: Kaldi. */
    ENERGY_FIRST,
    /** The logarithm of the frame's energy, after the others: HTK's {@code MFCC_E}. */
    ENERGY_LAST
  }

  /** The weight on coefficient n, which undoes the small size of the higher ones. */
  public enum Lifter {
    /** {@code 1 + L/2 sin(pi (n + 1) / L)}: librosa. */
    FROM_ONE,
    /** {@code 1 + L/2 sin(pi n / L)}: Kaldi, HTK. */
    FROM_ZERO
  }

  /**
   * Everything that decides the coefficients; prints as one line, so that two can be compared by
   * eye.
   *
   * @param nMfcc K, the number of rows, the one for coefficient 0 included
   * @param dctType 1, 2 or 3
   * @param dctNorm the factor on the cosine transform
   * @param lifter L of the weight on the coefficients; 0 for none
   * @param lifterKind how the weight counts
   * @param zeroth what stands for coefficient 0, and where
   * @param mel the log-mel spectrogram that is transformed
   */
  public record Settings(
      int nMfcc,
      int dctType,
      Dct.Norm dctNorm,
      double lifter,
      Lifter lifterKind,
      Zeroth zeroth,
      MelSettings mel) {
    public Settings {
      Check.atLeast("mfcc", "nMfcc", nMfcc, 1);
      if (!(lifter >= 0)) {
        throw new IllegalArgumentException("mfcc: lifter=" + lifter + " must be at least 0");
      }
      if (nMfcc > mel.nMels()) {
        throw new IllegalArgumentException(
            "mfcc: nMfcc=" + nMfcc + " must be at most nMels=" + mel.nMels());
      }
    }

    @Override
    public String toString() {
      return RecordText.of(this);
    }

    double weight(int n) {
      int k = lifterKind == Lifter.FROM_ONE ? n + 1 : n;
      return 1 + lifter / 2 * Math.sin(Math.PI * k / lifter);
    }
  }

  private Mfcc(Settings settings) {
    super(settings.mel());
    this.settings = settings;
    dct = new Dct(settings.dctType(), settings.mel().nMels(), settings.nMfcc(), settings.dctNorm());
  }

  /** librosa 0.11's {@code feature.mfcc(y)} with its defaults: 20 coefficients, at 22050 Hz. */
  public static Mfcc librosa() {
    return of(
        new Settings(
            20, 2, Dct.Norm.ORTHO, 0, Lifter.FROM_ONE, Zeroth.FIRST, MelSettings.librosa()));
  }

  /** torchaudio's {@code MFCC()(y)} with its defaults: 40 coefficients, at 16 kHz. */
  public static Mfcc torchaudio() {
    return of(new Settings(
            40, 2, Dct.Norm.ORTHO, 0, Lifter.FROM_ONE, Zeroth.FIRST, MelSettings.torchaudio()))
        .topDb(80.0);
  }

  /** Kaldi's {@code compute-mfcc-feats} with its defaults but no dither: 13 rows, at 16 kHz. */
  public static Mfcc kaldi() {
    return kaldi(16000);
  }

  /** The same at another rate, frames being 25 ms long every 10 ms. */
  public static Mfcc kaldi(int sampleRate) {
    MelSettings mel = MelSettings.kaldi(sampleRate);
    return of(new Settings(13, 2, Dct.Norm.ORTHO, 22, Lifter.FROM_ZERO, Zeroth.ENERGY_FIRST, mel));
  }

  /** HTK's {@code MFCC_0} with its defaults: coefficients 1 to 12, then 0, at 16 kHz. */
  public static Mfcc htk() {
    return htk(16000);
  }

  /** The same at another rate, frames being 25 ms long every 10 ms. */
  public static Mfcc htk(int sampleRate) {
    MelSettings mel = MelSettings.htk(sampleRate);
    return of(new Settings(13, 2, Dct.Norm.HTK, 22, Lifter.FROM_ZERO, Zeroth.LAST, mel));
  }

  /** The transform of given settings. */
  public static Mfcc of(Settings settings) {
    return new Mfcc(settings);
  }

  /** All settings. */
  public Settings settings() {
    return settings;
  }

  @Override
  Mfcc with(MelSettings mel) {
    Settings s = settings;
    return of(new Settings(s.nMfcc, s.dctType, s.dctNorm, s.lifter, s.lifterKind, s.zeroth, mel));
  }

  /**
   * As librosa's {@code mfcc} has it, {@code norm} is that of the cosine transform and {@code
   * mel_norm} that of the filters; as Kaldi has it, {@code use_energy} is what stands for
   * coefficient 0.
   */
  @Override
  Mfcc with(PythonSettings python) {
    Settings s = settings;
    boolean last = s.zeroth == Zeroth.LAST || s.zeroth == Zeroth.ENERGY_LAST;
    Zeroth energy = last ? Zeroth.ENERGY_LAST : Zeroth.ENERGY_FIRST;
    return of(
        new Settings(
            python.integer("n_mfcc", s.nMfcc),
            python.integer("dct_type", s.dctType),
            python.constant("norm", s.dctNorm),
            python.real("lifter", s.lifter),
            s.lifterKind,
            python.flag("use_energy", s.zeroth, energy, last ? Zeroth.LAST : Zeroth.FIRST),
            mel(python, "mel_norm")));
  }

  @Override
  String name() {
    return "mfcc";
  }

  /** Number of rows. */
  public Mfcc nMfcc(int nMfcc) {
    Settings s = settings;
    return of(new Settings(nMfcc, s.dctType, s.dctNorm, s.lifter, s.lifterKind, s.zeroth, s.mel));
  }

  /** Type and factor of the cosine transform. */
  public Mfcc dct(int type, Dct.Norm norm) {
    Settings s = settings;
    return of(new Settings(s.nMfcc, type, norm, s.lifter, s.lifterKind, s.zeroth, s.mel));
  }

  /** Length of the lifter; 0 for none. */
  public Mfcc lifter(double lifter) {
    return lifter(lifter, settings.lifterKind);
  }

  /** Length and kind of the lifter. */
  public Mfcc lifter(double lifter, Lifter kind) {
    Settings s = settings;
    return of(new Settings(s.nMfcc, s.dctType, s.dctNorm, lifter, kind, s.zeroth, s.mel));
  }

  /** What stands for coefficient 0. */
  public Mfcc zeroth(Zeroth zeroth) {
    Settings s = settings;
    return of(new Settings(s.nMfcc, s.dctType, s.dctNorm, s.lifter, s.lifterKind, zeroth, s.mel));
  }

  @Override
  public Features apply(float[] signal) {
    int frames = frames(signal.length);
    int length = Stft.rowLength(frames);
    float[][] rows = new float[settings.nMfcc()][length];
    dct.apply(spectrum().apply(signal), rows, length);
    if (settings.lifter() != 0) {
      weigh(rows, frames);
    }
    if (settings.zeroth() == Zeroth.ENERGY_FIRST || settings.zeroth() == Zeroth.ENERGY_LAST) {
      rows[0] = spectrum().stft().logEnergy(signal);
    }
    if (settings.zeroth() == Zeroth.LAST || settings.zeroth() == Zeroth.ENERGY_LAST) {
      float[] zeroth = rows[0];
      System.arraycopy(rows, 1, rows, 0, rows.length - 1);
      rows[rows.length - 1] = zeroth;
    }
    return Features.of(rows, frames);
  }

  private void weigh(float[][] rows, int frames) {
    for (int k = 0; k < rows.length; k++) {
      float weight = (float) settings.weight(k);
      for (int t = 0; t < frames; t++) {
        rows[k][t] *= weight;
      }
    }
  }

  @Override
  public int bins() {
    return settings.nMfcc();
  }

  @Override
  public String toString() {
    return "Mfcc[" + settings + "]";
  }
}
