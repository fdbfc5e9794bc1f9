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
  private LogMel(MelSettings mel) {
    super(mel);
  }

  /** librosa 0.11's {@code power_to_db(melspectrogram(y))} with all its defaults. */
  public static LogMel librosa() {
    return of(MelSettings.librosa());
  }

  /** The transform of given settings. */
  public static LogMel of(MelSettings settings) {
    return new LogMel(settings);
  }

  @Override
  LogMel with(MelSettings mel) {
    return new LogMel(mel);
  }

  @Override
  public Features apply(float[] signal) {
    return Features.of(spectrum().apply(signal), frames(signal.length));
  }

  @Override
  public int bins() {
    return mel().nMels();
  }

  @Override
  public String toString() {
    return "LogMel[" + mel() + "]";
  }
}
