package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Dct;

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
  private final float[] lifter;

  /**
   * Everything that decides the coefficients.
   *
   * @param mel the log-mel spectrogram that is transformed
   * @param nMfcc K, the number of coefficients, the first included
   * @param dctType 1, 2 or 3
   * @param dctNorm the factor on the cosine transform
   * @param lifter L of the weight {@code 1 + L/2 sin(pi n / L)} on coefficient n; 0 for none
   */
  public record Settings(MelSettings mel, int nMfcc, int dctType, Dct.Norm dctNorm, double lifter) {
    public Settings {
      Check.atLeast("mfcc", "nMfcc", nMfcc, 1);
      if (!(lifter >= 0)) {
        throw new IllegalArgumentException("mfcc: lifter=" + lifter + " must be at least 0");
      }
      // librosa cuts where there are fewer bands than coefficients; here the numbers must agree.
      if (nMfcc > mel.nMels()) {
        throw new IllegalArgumentException(
            "mfcc: nMfcc=" + nMfcc + " must be at most nMels=" + mel.nMels());
      }
    }
  }

  private Mfcc(Settings settings) {
    super(settings.mel());
    this.settings = settings;
    dct = new Dct(settings.dctType(), settings.mel().nMels(), settings.nMfcc(), settings.dctNorm());
    lifter = new float[settings.nMfcc()];
    double length = settings.lifter();
    for (int k = 0; k < lifter.length; k++) {
      lifter[k] = length == 0 ? 1 : (float) (1 + length / 2 * Math.sin(Math.PI * (k + 1) / length));
    }
  }

  /** librosa 0.11's {@code feature.mfcc(y)} with all its defaults: 20 coefficients at 22050 Hz. */
  public static Mfcc librosa() {
    return of(new Settings(MelSettings.librosa(), 20, 2, Dct.Norm.ORTHO, 0));
  }

  /** The transform of given settings. */
  public static Mfcc of(Settings settings) {
    return new Mfcc(settings);
  }

  @Override
  Mfcc with(MelSettings mel) {
    return of(
        new Settings(mel, settings.nMfcc, settings.dctType, settings.dctNorm, settings.lifter));
  }

  /** All settings. */
  public Settings settings() {
    return settings;
  }

  /** Number of coefficients. */
  public Mfcc nMfcc(int nMfcc) {
    return of(new Settings(mel(), nMfcc, settings.dctType, settings.dctNorm, settings.lifter));
  }

  /** Type and factor of the cosine transform. */
  public Mfcc dct(int type, Dct.Norm norm) {
    return of(new Settings(mel(), settings.nMfcc, type, norm, settings.lifter));
  }

  /** Length of the lifter; 0 for none. */
  public Mfcc lifter(double lifter) {
    return of(new Settings(mel(), settings.nMfcc, settings.dctType, settings.dctNorm, lifter));
  }

  @Override
  public Features apply(float[] signal) {
    int frames = frames(signal.length);
    float[][] logMel = spectrum().apply(signal);
    float[][] coefficients = new float[settings.nMfcc()][frames];
    dct.apply(logMel, coefficients, frames);
    if (settings.lifter() != 0) {
      for (int k = 0; k < coefficients.length; k++) {
        for (int t = 0; t < frames; t++) {
          coefficients[k][t] *= lifter[k];
        }
      }
    }
    return Features.of(coefficients, frames);
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
