package dev.cadenza.audio.feature;

/**
 * Log-mel spectrogram, {@code [M, T]}: mel bands, then frames.
 *
 * <pre>{@code
 * LogMel logMel = LogMel.librosa().sampleRate(16000).nFft(400).hopLength(160).nMels(80);
 * Features features = logMel.apply(signal);
 * }</pre>
 *
 * <p>Immutable, thread-safe, and meant to be kept: filters and tables are built on the first use.
 */
public final class LogMel extends MelConfig<LogMel> {
  private final Energy energy;

  /** Whether and where a row with the logarithm of each frame's energy stands. */
  public enum Energy {
    /** Nowhere. */
    NONE,
    /** Before the bands: Kaldi's {@code --use-energy}. */
    FIRST,
    /** After the bands: Kaldi's with {@code --htk-compat}, HTK's {@code FBANK_E}. */
    LAST
  }

  private LogMel(MelSettings mel, Energy energy) {
    super(mel);
    this.energy = energy;
  }

  /** librosa 0.11's {@code power_to_db(melspectrogram(y))} with its defaults, at 22050 Hz. */
  public static LogMel librosa() {
    return of(MelSettings.librosa());
  }

  /** torchaudio's {@code AmplitudeToDB()(MelSpectrogram()(y))} with its defaults, at 16 kHz. */
  public static LogMel torchaudio() {
    return of(MelSettings.torchaudio());
  }

  /** Kaldi's {@code compute-fbank-feats} with its defaults but no dither, at 16 kHz. */
  public static LogMel kaldi() {
    return kaldi(16000);
  }

  /** The same at another rate, frames being 25 ms long every 10 ms. */
  public static LogMel kaldi(int sampleRate) {
    return of(MelSettings.kaldi(sampleRate));
  }

  /** HTK's {@code FBANK} with its defaults at 16 kHz: see {@link MelSettings#htk}. */
  public static LogMel htk() {
    return htk(16000);
  }

  /** The same at another rate, frames being 25 ms long every 10 ms. */
  public static LogMel htk(int sampleRate) {
    return of(MelSettings.htk(sampleRate));
  }

  /** The transform of given settings. */
  public static LogMel of(MelSettings settings) {
    return new LogMel(settings, Energy.NONE);
  }

  @Override
  LogMel with(MelSettings mel) {
    return new LogMel(mel, energy);
  }

  @Override
  LogMel with(PythonSettings settings) {
    Energy used = energy == Energy.NONE ? Energy.FIRST : energy;
    return new LogMel(
        mel(settings, "norm"), settings.flag("use_energy", energy, used, Energy.NONE));
  }

  @Override
  String name() {
    return "mel";
  }

  /** Whether and where the energy stands. */
  public LogMel energy(Energy energy) {
    return new LogMel(mel(), energy);
  }

  @Override
  public Features apply(float[] signal) {
    int frames = frames(signal.length);
    float[][] bands = spectrum().apply(signal);
    if (energy == Energy.NONE) {
      return Features.of(bands, frames);
    }
    float[][] rows = new float[bands.length + 1][];
    boolean first = energy == Energy.FIRST;
    System.arraycopy(bands, 0, rows, first ? 1 : 0, bands.length);
    rows[first ? 0 : bands.length] = spectrum().stft().logEnergy(signal);
    return Features.of(rows, frames);
  }

  @Override
  public int bins() {
    return mel().nMels() + (energy == Energy.NONE ? 0 : 1);
  }

  @Override
  public String toString() {
    return "LogMel[energy=" + energy + ", " + mel() + "]";
  }
}
