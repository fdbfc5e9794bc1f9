package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.feature.Features;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Masks bands and spans of a feature map (Park et al. 2019, without time warping). The width of a
 * mask is one of 0 to limit - 1, each as likely, as in torchaudio's {@code FrequencyMasking} and
 * {@code TimeMasking}; so is its place among all those inside (torchaudio never masks the last
 * bin). Masked values become the mean of the map.
 *
 * @param bandMasks how many masks over frequency
 * @param mostBins the limit of their width, in bins
 * @param spanMasks how many masks over time
 * @param mostFrames the limit of their width, in frames
 */
public record SpecAugment(int bandMasks, int mostBins, int spanMasks, int mostFrames) {
  public SpecAugment {
    Check.atLeast("SpecAugment", "bandMasks", bandMasks, 0);
    Check.atLeast("SpecAugment", "mostBins", mostBins, 0);
    Check.atLeast("SpecAugment", "spanMasks", spanMasks, 0);
    Check.atLeast("SpecAugment", "mostFrames", mostFrames, 0);
  }

  /** A masked copy, {@code [F, T]}. */
  public Features apply(Features features, RandomGenerator rng) {
    int bins = features.bins();
    int frames = features.frames();
    float[] values = features.values().clone();
    double sum = 0;
    for (float v : values) {
      sum += v;
    }
    float mean = (float) (sum / values.length);
    for (int mask = 0; mask < bandMasks; mask++) {
      int[] span = span(bins, mostBins, rng);
      fill(values, frames, span[0], span[1], 0, frames, mean);
    }
    for (int mask = 0; mask < spanMasks; mask++) {
      int[] span = span(frames, mostFrames, rng);
      fill(values, frames, 0, bins, span[0], span[1], mean);
    }
    return new Features(values, bins, frames);
  }

  /** Start and end of a mask. */
  private static int[] span(int size, int most, RandomGenerator rng) {
    int width = (int) (rng.nextDouble() * Math.min(most, size));
    int start = rng.nextInt(size - width + 1);
    return new int[] {start, start + width};
  }

  private static void fill(
      float[] values, int frames, int bin, int lastBin, int frame, int lastFrame, float value) {
    for (int f = bin; f < lastBin; f++) {
      Arrays.fill(values, f * frames + frame, f * frames + lastFrame, value);
    }
  }
}
