package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.RecordText;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;

/**
 * Spectrogram, {@code [F, T]}: frequency bins, {@code nFft / 2 + 1}, then frames. Immutable and
 * thread-safe.
 */
public final class Spectrogram implements FeatureTransform {
  private final Settings settings;
  private final Stft stft;

  /**
   * Everything that decides a spectrogram.
   *
   * @param sampleRate in Hz
   * @param stft the transform
   * @param power exponent of the magnitude: 2 for power, 1 for magnitude
   * @param log the logarithm
   * @param energyFirst whether each frame's log energy stands in bin 0, as in Kaldi
   */
  public record Settings(
      int sampleRate, Stft.Settings stft, double power, LogScale log, boolean energyFirst) {
    public Settings {
      Check.atLeast("spectrogram", "sampleRate", sampleRate, 1);
      Check.positive("spectrogram", "power", power);
    }

    @Override
    public String toString() {
      return RecordText.of(this);
    }
  }

  private Spectrogram(Settings settings) {
    this.settings = settings;
    stft = new Stft(settings.stft());
  }

  /** The transform of given settings. */
  public static Spectrogram of(Settings settings) {
    return new Spectrogram(settings);
  }

  /** librosa's {@code power_to_db(abs(stft(y)) ** 2)} with its defaults at a sample rate. */
  public static Spectrogram librosa(int sampleRate) {
    Stft.Settings stft = Stft.Settings.librosa(2048, 2048, 512, Window.HANN);
    return of(new Settings(sampleRate, stft, 2, LogScale.LIBROSA, false));
  }

  /** Kaldi's {@code compute-spectrogram-feats} with its defaults but no dither, at 16 kHz. */
  public static Spectrogram kaldi() {
    Stft.Settings stft = MelSettings.kaldi(16000).stft();
    return of(new Settings(16000, stft, 2, LogScale.KALDI, true));
  }

  /** How frames lie. */
  public Spectrogram alignment(Alignment alignment) {
    Stft.Settings s = settings.stft;
    return stft(
        new Stft.Settings(
            s.nFft(),
            s.winLength(),
            s.hop(),
            s.window(),
            alignment,
            s.padMode(),
            s.conditioning()));
  }

  /** Another transform. */
  public Spectrogram stft(Stft.Settings stft) {
    return of(
        new Settings(
            settings.sampleRate, stft, settings.power, settings.log, settings.energyFirst));
  }

  /** Another logarithm. */
  public Spectrogram log(LogScale log) {
    return of(
        new Settings(
            settings.sampleRate, settings.stft, settings.power, log, settings.energyFirst));
  }

  /** All settings. */
  public Settings settings() {
    return settings;
  }

  @Override
  public Features apply(float[] signal) {
    int frames = frames(signal.length);
    float[][] rows = stft.power(signal, settings.power);
    for (float[] row : rows) {
      settings.log.log(row, frames);
    }
    if (settings.energyFirst) {
      rows[0] = stft.logEnergy(signal);
    }
    settings.log.finish(rows, frames);
    return Features.of(rows, frames);
  }

  @Override
  public int bins() {
    return stft.bins();
  }

  @Override
  public int frames(int samples) {
    return stft.frames(samples);
  }

  @Override
  public int sampleRate() {
    return settings.sampleRate;
  }

  @Override
  public String toString() {
    return settings.toString();
  }
}
