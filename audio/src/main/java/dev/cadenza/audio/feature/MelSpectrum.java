package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.Stft;

/**
 * Mel settings made ready, the transform and the filters; from a signal to rows of log-mel values.
 */
final class MelSpectrum {
  private final MelSettings settings;
  private final Stft stft;
  private final MelFilterBank filters;

  MelSpectrum(MelSettings settings) {
    this.settings = settings;
    stft = new Stft(settings.stft());
    filters = settings.filterBank();
  }

  Stft stft() {
    return stft;
  }

  /** The log-mel spectrogram, {@code [M, T]}; rows are as long as {@link Stft#rowLength} says. */
  float[][] apply(float[] signal) {
    int frames = stft.frames(signal.length);
    float[][] result = new float[filters.bands()][Stft.rowLength(frames)];
    stft.power(
        signal,
        settings.power(),
        (spectrum, first, count) -> {
          boolean whole = count == frames;
          int length = Stft.rowLength(count);
          float[][] mel = whole ? result : new float[filters.bands()][length];
          filters.apply(spectrum, mel, length);
          for (int m = 0; m < mel.length; m++) {
            settings.log().log(mel[m], length);
            if (!whole) {
              System.arraycopy(mel[m], 0, result[m], first, count);
            }
          }
        });
    settings.log().finish(result, frames);
    return result;
  }
}
