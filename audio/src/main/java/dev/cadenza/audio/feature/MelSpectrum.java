package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.feature.MelSettings.Log;
import java.util.Arrays;

/**
 * Settings made ready: the transform and the filters, and the way from a signal to log-mel rows.
 */
final class MelSpectrum {
  private final MelSettings settings;
  private final Stft stft;
  private final MelFilterBank filters;
  private final double logFactor;

  MelSpectrum(MelSettings settings) {
    this.settings = settings;
    stft = new Stft(settings.stft());
    filters = settings.filterBank();
    logFactor = settings.log() == Log.DECIBEL ? Decibels.PER_NEPER : 1;
  }

  /** The log-mel spectrogram, {@code [M, T]}. */
  float[][] apply(float[] signal) {
    int frames = stft.frames(signal.length);
    float[][] result = new float[filters.bands()][frames];
    stft.power(
        signal,
        settings.power(),
        (spectrum, first, count) -> {
          boolean whole = count == frames;
          float[][] mel = whole ? result : new float[filters.bands()][count];
          filters.apply(spectrum, mel, count);
          for (int m = 0; m < mel.length; m++) {
            if (settings.log() != Log.NONE) {
              Decibels.logInPlace(mel[m], count, settings.amin(), logFactor);
            }
            if (!whole) {
              System.arraycopy(mel[m], 0, result[m], first, count);
            }
          }
        });
    if (settings.log() != Log.NONE) {
      shiftAndCut(result, frames);
    }
    return result;
  }

  /** Subtracts the reference and cuts what lies too far below the clip's maximum. */
  private void shiftAndCut(float[][] rows, int frames) {
    Double ref = settings.ref();
    Double topDb = settings.topDb();
    float maximum = ref == null || topDb != null ? maximum(rows, frames) : 0;
    float shift =
        ref == null
            ? maximum
            : (float) (logFactor * Math.log(Math.max(settings.amin(), Math.abs(ref))));
    float floor = topDb == null ? Float.NEGATIVE_INFINITY : (float) (maximum - shift - topDb);
    if (shift == 0 && topDb == null) {
      return;
    }
    for (float[] row : rows) {
      for (int i = 0; i < frames; i++) {
        row[i] = Math.max(row[i] - shift, floor);
      }
    }
  }

  private static float maximum(float[][] rows, int frames) {
    // Per frame first: that loop runs over whole vectors, a running maximum of one number does not.
    float[] best = new float[frames];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    for (float[] row : rows) {
      for (int i = 0; i < frames; i++) {
        best[i] = Math.max(best[i], row[i]);
      }
    }
    float maximum = Float.NEGATIVE_INFINITY;
    for (float b : best) {
      maximum = Math.max(maximum, b);
    }
    return maximum;
  }
}
