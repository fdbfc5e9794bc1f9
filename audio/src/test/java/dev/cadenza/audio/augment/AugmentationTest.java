package dev.cadenza.audio.augment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.WavEncoding;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.Features;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class AugmentationTest {
  private static final int RATE = 16000;

  /** A second of which the middle half sounds. */
  private static float[] tone(double hz) {
    float[] x = new float[RATE];
    for (int i = RATE / 4; i < 3 * RATE / 4; i++) {
      x[i] = (float) (0.5 * Math.sin(2 * Math.PI * hz * i / RATE));
    }
    return x;
  }

  private static RandomGenerator rng() {
    return new SplittableRandom(7);
  }

  private static List<Augmentation> all() {
    return List.of(
        new Noise(Noise.Color.PINK, Range.of(5, 20)),
        new Gain(Range.of(-6, 6)),
        new Clipping(Range.of(1, 6)),
        new TimeShift(Range.of(-0.2, 0.2)),
        new Speed(Range.of(0.9, 1.1)),
        new Tempo(Range.of(0.9, 1.1)),
        new Pitch(Range.of(-2, 2)),
        new VocalTractLength(Range.of(0.9, 1.1)),
        new BandPass(Range.of(100, 300), Range.of(3000, 4000)),
        new MuLaw(),
        new Room(Range.of(3, 8), Range.of(0.1, 0.4)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void the_same_seed_gives_the_same_bits_and_the_input_stays(Augmentation a) {
    float[] x = tone(440);
    float[] before = x.clone();
    float[] y = a.apply(x, RATE, rng());
    assertThat(x).containsExactly(before);
    assertThat(y).isNotSameAs(x).isNotEqualTo(x);
    assertThat(a.apply(x, RATE, rng())).containsExactly(y);
    for (float v : y) {
      assertThat(Float.isFinite(v)).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void silence_stays_silent_but_for_codes(Augmentation a) {
    for (float v : a.apply(new float[5000], RATE, rng())) {
      assertThat(v).isCloseTo(0, within(1e-4f)); // half of mu-law's smallest step is 6e-5
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void one_sample_is_enough_and_what_is_not_finite_is_refused(Augmentation a) {
    assertThat(a.apply(new float[] {0.5f}, RATE, rng())).isNotEmpty();
    assertThatThrownBy(() -> a.apply(new float[] {0, Float.NaN}, RATE, rng()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith("sample 1 of 2 is NaN, all samples must be finite");
  }

  @ParameterizedTest
  @EnumSource
  void the_noise_stands_below_the_speech_and_not_below_its_pauses(Noise.Color color) {
    float[] x = tone(440);
    double speech = Noise.speechPower(x);
    // A sine of amplitude 0.5 has the power 1/8; the 20 hops whose frames reach into it are 10240
    // samples, 8000 of which sound.
    assertThat(speech).isCloseTo(0.125 * 8000 / 10240, within(1e-6));
    float[] noisy = new Noise(color, Range.only(12)).apply(x, RATE, rng());
    double noise = power(noisy, x);
    // Rounding to float is off by 3e-8 at most, more than 120 dB below the noise, and by chance.
    assertThat(10 * Math.log10(speech / noise)).isCloseTo(12, within(1e-4));
  }

  @Test
  void the_snr_is_drawn_from_its_whole_range() {
    float[] x = tone(440);
    RandomGenerator rng = rng();
    double[] snr =
        IntStream.range(0, 60)
            .mapToObj(i -> new Noise(Noise.Color.WHITE, Range.of(10, 20)).apply(x, RATE, rng))
            .mapToDouble(y -> 10 * Math.log10(Noise.speechPower(x) / power(y, x)))
            .sorted()
            .toArray();
    // The lowest and the highest of 60 miss the ends by a tenth of the range once in 550 times.
    assertThat(snr[0]).isBetween(10 - 1e-4, 11.0);
    assertThat(snr[59]).isBetween(19.0, 20 + 1e-4);
  }

  private static double power(float[] y, float[] x) {
    double power = 0;
    for (int i = 0; i < x.length; i++) {
      power += (y[i] - x[i]) * (double) (y[i] - x[i]) / x.length;
    }
    return power;
  }

  @ParameterizedTest
  @CsvSource({"WHITE, 0", "PINK, -3.01", "BROWN, -6.02", "BLUE, 3.01", "VIOLET, 6.02"})
  void noise_has_the_slope_of_its_color(Noise.Color color, double dbAnOctave) {
    float[][] power =
        new Stft(Stft.Settings.librosa(1024, 1024, 512, Window.HANN))
            .power(color.noise(1 << 17, rng()), 2);
    double slope = (band(power, 256, 360) - band(power, 16, 22)) / 4; // over four octaves
    // 256 frames of 7 bins or more, half of them independent: 4.3 dB / sqrt(900) either band.
    assertThat(slope).isCloseTo(dbAnOctave, within(0.2));
  }

  /** Mean power of bins in dB. */
  private static double band(float[][] power, int from, int to) {
    double sum = 0;
    for (int k = from; k < to; k++) {
      for (float p : power[k]) {
        sum += p / (to - from);
      }
    }
    return 10 * Math.log10(sum);
  }

  @Test
  void gain_shift_and_clipping_do_what_they_say() {
    float[] x = {0.1f, -0.4f, 0.2f, 0.05f};
    assertThat(new Gain(Range.only(20)).apply(x, 1, rng()))
        .containsExactly(new float[] {1, -4, 2, 0.5f}, within(1e-6f));
    assertThat(new TimeShift(Range.only(2)).apply(x, 1, rng())).containsExactly(0, 0, 0.1f, -0.4f);
    assertThat(new TimeShift(Range.only(-1)).apply(x, 1, rng()))
        .containsExactly(-0.4f, 0.2f, 0.05f, 0);
    assertThat(new TimeShift(Range.only(9)).apply(x, 1, rng())).containsOnly(0);
    assertThat(new Clipping(Range.only(20 * Math.log10(4))).apply(x, 1, rng()))
        .containsExactly(new float[] {0.1f, -0.1f, 0.1f, 0.05f}, within(1e-6f));
  }

  @ParameterizedTest
  @CsvSource({"1.25, 3200", "0.8, 5000"})
  void speed_changes_length_and_frequency(double factor, int length) {
    float[] x = new float[4000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(2 * Math.PI * 400 * i / RATE);
    }
    float[] y = new Speed(Range.only(factor)).apply(x, RATE, rng());
    assertThat(y).hasSize(length);
    assertThat(strongest(y)).isCloseTo(400 * factor, within(RATE / 2048.0));
  }

  @ParameterizedTest
  @CsvSource({"12, 880", "-12, 220", "7, 659.3"})
  void pitch_moves_a_tone_and_keeps_the_length(double semitones, double hz) {
    float[] y = new Pitch(Range.only(semitones)).apply(tone(440), RATE, rng());
    assertThat(y).hasSize(RATE);
    assertThat(strongest(Arrays.copyOfRange(y, RATE / 3, 2 * RATE / 3)))
        .isCloseTo(hz, within(RATE / 2048.0));
  }

  /** The frequency of the strongest bin of transforms of 2048 samples. */
  private static double strongest(float[] x) {
    float[][] power = new Stft(Stft.Settings.librosa(2048, 2048, 512, Window.HANN)).power(x, 2);
    int best =
        IntStream.range(0, power.length).reduce(0, (a, b) -> power[b][0] > power[a][0] ? b : a);
    return best * (double) RATE / 2048;
  }

  @Test
  void a_vocal_tract_of_the_same_length_changes_nothing() {
    float[] x = Noise.Color.WHITE.noise(5000, rng());
    // The spectrum is rounded to float, 6e-8 of bins as large as the window's sum, n / 2, over n.
    assertThat(new VocalTractLength(Range.only(1)).apply(x, RATE, rng()))
        .containsExactly(x, within(3e-6f));
  }

  @Test
  void a_vocal_tract_moves_frequencies_up_to_the_boundary() {
    assertThat(VocalTractLength.unwarp(0.25, 1.25, 8000)).isCloseTo(0.2, within(1e-12));
    assertThat(VocalTractLength.unwarp(1, 1.25, 8000)).isEqualTo(1);
    // The boundary is 0.6; a = 0.5 makes it 0.3, which comes from 0.6; half the rest is half the
    // rest.
    assertThat(VocalTractLength.unwarp(0.65, 0.5, 8000)).isCloseTo(0.8, within(1e-12));
  }

  @Test
  void mu_law_is_what_a_mu_law_file_gives_back(@TempDir Path dir) throws IOException {
    float[] x =
        new float[1 << 17]; // every 16-bit sample, those between them, and beyond full scale
    for (int i = 0; i < x.length; i++) {
      x[i] = 1.1f * (i - (1 << 16)) / (1 << 16);
    }
    Path file = dir.resolve("coded.wav");
    AudioFile.writeWav(file, Audio.mono(x, 8000), WavEncoding.MU_LAW);
    float[] y = new MuLaw().apply(x, 8000, rng());
    assertThat(y).containsExactly(AudioFile.read(file).samples());
    assertThat(new MuLaw().apply(y, 8000, rng())).containsExactly(y);
  }

  @Test
  void mu_law_errs_by_half_a_step_that_grows_with_the_level() {
    float[] x = {1, 0.5f, 0.01f, 0, -0.01f, -0.5f, -1, 3};
    float[] y = new MuLaw().apply(x, RATE, rng());
    for (int i = 0; i < 7; i++) {
      // Sixteen steps a segment, segments double: at most 1/32 of the value, and of the first step.
      assertThat(y[i]).isCloseTo(x[i], within(Math.abs(x[i]) / 30 + 2.5e-4f));
    }
    assertThat(y[7]).isEqualTo(y[0]); // clipped
  }

  @Test
  void a_room_with_no_reflection_changes_nothing() {
    float[] y = new Room(Range.only(4), Range.only(0)).apply(tone(440), RATE, rng());
    assertThat(y).containsExactly(tone(440), within(1e-6f));
  }

  @Test
  void sound_in_a_room_dies_away_as_asked() {
    float[] click = new float[RATE];
    click[0] = 1;
    float[] y = new Room(Range.only(5), Range.only(0.5)).apply(click, RATE, rng());
    double early = energy(y, 0.05, 0.15);
    double late = energy(y, 0.25, 0.35);
    // 60 dB in 0.5 s are 24 dB in 0.2 s by Sabine; a cube of bare walls decays less evenly.
    assertThat(10 * Math.log10(early / late)).isBetween(15.0, 30.0);
  }

  private static double energy(float[] x, double from, double to) {
    double sum = 0;
    for (int i = (int) (from * RATE); i < to * RATE; i++) {
      sum += (double) x[i] * x[i];
    }
    return sum;
  }

  @Test
  void compositions_run_in_order_and_by_chance() {
    float[] x = {0.1f, 0.2f};
    Augmentation twice = new Gain(Range.only(20));
    Augmentation later = new TimeShift(Range.only(1));
    assertThat(twice.then(later).apply(x, 1, rng()))
        .containsExactly(new float[] {0, 1}, within(1e-6f));
    assertThat(twice.sometimes(0).apply(x, 1, rng())).containsExactly(x);
    RandomGenerator rng = rng();
    long changed =
        IntStream.range(0, 1000)
            .filter(i -> twice.sometimes(0.3).apply(x, 1, rng)[0] > 0.5f)
            .count();
    assertThat(changed).isBetween(300L - 73, 300L + 73); // five standard deviations
    long shifted =
        IntStream.range(0, 1000)
            .filter(i -> Augmentation.oneOf(twice, later).apply(x, 1, rng)[0] == 0)
            .count();
    assertThat(shifted).isBetween(500L - 80, 500L + 80);
  }

  @Test
  void spec_augment_masks_whole_rows_and_columns_with_the_mean() {
    float[] values = new float[20 * 30];
    for (int i = 0; i < values.length; i++) {
      values[i] = i + 1;
    }
    Features x = new Features(values, 20, 30);
    float mean = 300.5f;
    boolean[] bins = new boolean[20];
    boolean[] frames = new boolean[30];
    RandomGenerator rng = rng();
    for (int run = 0; run < 200; run++) {
      Features y = new SpecAugment(1, 5, 1, 8).apply(x, rng);
      int rows = 0;
      for (int f = 0; f < 20; f++) {
        boolean row = true;
        for (int t = 0; t < 30; t++) {
          float v = y.get(f, t);
          assertThat(v == mean || v == x.get(f, t)).isTrue();
          row &= v == mean;
        }
        rows += row ? 1 : 0;
        bins[f] |= row;
      }
      int columns = 0;
      for (int t = 0; t < 30; t++) {
        boolean column = true;
        for (int f = 0; f < 20; f++) {
          column &= y.get(f, t) == mean;
        }
        columns += column ? 1 : 0;
        frames[t] |= column;
      }
      assertThat(rows).isLessThan(5);
      assertThat(columns).isLessThan(8);
    }
    assertThat(bins).containsOnly(true);
    assertThat(frames).containsOnly(true);
    assertThat(values[0]).isEqualTo(1);
  }

  @Test
  void mixup_mixes_values_by_the_share_of_the_first() {
    RandomGenerator rng = rng();
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 4000; i++) {
      Mixup.Mixed m = new Mixup(0.4).apply(new float[] {1, 0}, new float[] {0, 2}, rng);
      assertThat(m.values())
          .containsExactly(
              new float[] {(float) m.share(), (float) (2 - 2 * m.share())}, within(1e-6f));
      sum += m.share() / 4000;
      squares += m.share() * m.share() / 4000;
    }
    // Beta(a, a) has the mean 1/2 and the variance 1 / (8 a + 4).
    assertThat(sum).isCloseTo(0.5, within(5 * Math.sqrt(1 / 7.2 / 4000)));
    assertThat(squares - sum * sum).isCloseTo(1 / 7.2, within(0.01));
  }

  @Test
  void bad_settings_are_refused_by_name_and_value() {
    assertMessage(() -> Range.of(2, 1), "range: low=2.0, high=1.0 must be finite and in order");
    assertMessage(
        () -> new Speed(Range.of(0, 1)), "speed: factor=0.0..1.0 must lie within 0.1..10.0");
    assertMessage(
        () -> new Room(Range.of(0.5, 3), Range.only(1)),
        "room: sideMeters=0.5..3.0 must lie within 1.0..100.0");
    assertMessage(
        () -> new BandPass(Range.of(100, 900), Range.of(800, 4000)),
        "band-pass: lowHz=100.0..900.0 must lie below highHz=800.0..4000.0");
    assertMessage(
        () -> Range.only(Double.NaN), "range: low=NaN, high=NaN must be finite and in order");
    assertMessage(() -> new Gain(Range.only(200)), "gain: db=200.0 must lie within -150.0..150.0");
    assertMessage(
        () -> new Noise(Noise.Color.PINK, Range.of(-200, 0)),
        "noise: snrDb=-200.0..0.0 must lie within -150.0..150.0");
    assertMessage(
        () -> new Clipping(Range.of(-1, 3)),
        "clipping: headroomDb=-1.0..3.0 must lie within 0.0..150.0");
    assertMessage(() -> new Tempo(Range.only(11)), "tempo: factor=11.0 must lie within 0.1..10.0");
    assertMessage(
        () -> new Pitch(Range.only(25)), "pitch: semitones=25.0 must lie within -24.0..24.0");
    assertMessage(
        () -> new VocalTractLength(Range.only(3)),
        "vocal tract length: factor=3.0 must lie within 0.5..2.0");
    assertMessage(
        () -> new Room(Range.only(3), Range.only(3)),
        "room: reverberationSeconds=3.0 must lie within 0.0..2.0");
    assertMessage(
        () -> new BandPass(Range.of(0, 9), Range.only(10)), "band-pass: lowHz=0.0 must be above 0");
    assertMessage(() -> new Mixup(0), "mixup: alpha=0.0 must be above 0");
    assertMessage(
        () -> new Mixup(Double.POSITIVE_INFINITY), "mixup: alpha=Infinity must be finite");
    assertMessage(
        () -> new Mixup(1).apply(new float[2], new float[3], rng()),
        "mixup: sizes differ, a has 2 values, b has 3");
    assertMessage(
        () -> new SpecAugment(1, -2, 0, 0), "SpecAugment: mostBins=-2 must be at least 0");
    assertMessage(
        () -> new MuLaw().sometimes(1.5), "augmentation: probability=1.5 must be from 0 to 1");
    assertMessage(Augmentation::oneOf, "augmentation: one of none cannot be chosen");
  }

  private static void assertMessage(Runnable body, String message) {
    assertThatThrownBy(body::run).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}
