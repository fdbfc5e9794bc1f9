package dev.cadenza.audio.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.Goldens;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Against librosa, scipy and another way to find images; see {@code tools/golden}. */
class AugmentationGoldenTest {
  private static List<Goldens.Case> cases() {
    return Goldens.cases("audio_augment");
  }

  @Test
  void finds_its_cases() {
    assertThat(cases()).hasSize(11);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equals_what_the_other_tool_says(Goldens.Case c) {
    float[] expected = c.expected().values();
    float[] actual = compute(c);
    assertThat(actual).hasSameSizeAs(expected);
    // Spectra are rounded to float here, so angles are off by 6e-8 and phases by a few times that
    // for every frame; 600 bins of a voice add up. A shift of pitch adds a resampler, flat to 1e-5.
    // Everything else is in double.
    boolean vocoder = c.kind().equals("tempo") || c.kind().equals("pitch");
    float tolerance = vocoder ? 2e-5f : 1e-6f;
    assertThat(actual).containsExactly(expected, within(tolerance));
  }

  private static float[] faded(float[] x) {
    double[] window = Window.HANN.samples(x.length);
    float[] y = new float[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) (x[i] * window[i]);
    }
    return y;
  }

  private static float[] compute(Goldens.Case c) {
    SplittableRandom rng = new SplittableRandom(1);
    return switch (c.kind()) {
      case "tempo" -> new Tempo(Range.only(c.real("rate"))).apply(c.samples(), 16000, rng);
      case "pitch" ->
          new Pitch(Range.only(12 * Math.log(c.real("factor")) / Math.log(2)))
              .apply(faded(c.samples()), 8000, rng);
      case "vtlp" ->
          new VocalTractLength(Range.only(c.real("factor"))).apply(c.samples(), 16000, rng);
      case "bandpass" ->
          new BandPass(Range.only(c.real("low")), Range.only(c.real("high")))
              .apply(c.samples(), 16000, rng);
      case "room" -> {
        double[] response =
            Room.response(
                new double[] {3, 4, 2.5},
                new double[] {1, 1.5, 1.2},
                new double[] {2.2, 3, 1.6},
                0.8,
                0.05,
                8000);
        float[] narrow = new float[response.length];
        for (int i = 0; i < narrow.length; i++) {
          narrow[i] = (float) response[i];
        }
        yield narrow;
      }
      default -> throw new AssertionError(c.kind());
    };
  }
}
