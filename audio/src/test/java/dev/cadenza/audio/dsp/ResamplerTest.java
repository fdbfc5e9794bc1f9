package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.dsp.Resampler.Quality;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The truth is a sine: sample k of a resampled tone is that tone at the time k / target. */
class ResamplerTest {

  private static final double PHASE = 0.3;

  /**
   * The whole error against the tone itself: ripple, images, delay and rounding together. BEST
   * promises a ripple below 0.01 dB (1.15e-3) and images below -100 dB (1e-5); what is asserted is
   * what it does, -110 dB of all errors together.
   */
  @ParameterizedTest
  @CsvSource({
    "44100, 16000",
    "48000, 16000",
    "16000, 48000",
    "44100, 48000",
    "48000, 44100",
    "22050, 16000",
    "8000, 16000",
    "16000, 8000",
    "96000, 16000",
    "11025, 96000",
    "16000, 15237"
  })
  void tonesOfThePassBandComeOutAsThemselves(int from, int to) {
    double edge = 0.95 * 0.5 * Math.min(from, to);
    Resampler best = Resampler.of(from, to, Quality.BEST);
    Resampler high = Resampler.of(from, to, Quality.HIGH);
    Resampler fast = Resampler.of(from, to, Quality.FAST);
    for (double part : new double[] {0.001, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1}) {
      double frequency = part * edge;

      assertThat(errorOfTone(best, frequency, from, to)).as("%s", frequency).isLessThan(-110);
      if (part <= 0.95) {
        assertThat(errorOfTone(high, frequency, from, to)).as("%s", frequency).isLessThan(-105);
      }
      if (part <= 0.8) {
        assertThat(errorOfTone(fast, frequency, from, to)).as("%s", frequency).isLessThan(-68);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "44100, 16000",
    "48000, 16000",
    "48000, 44100",
    "22050, 16000",
    "16000, 8000",
    "96000, 16000",
    "192000, 8000",
    "16000, 15237"
  })
  void tonesAboveTheNewNyquistFrequencyAreGone(int from, int to) {
    for (Quality quality : Quality.values()) {
      Resampler resampler = Resampler.of(from, to, quality);
      double limit = quality == Quality.FAST ? -80 : -120;
      for (int i = 0; i <= 40; i++) {
        double frequency = 0.5 * (to + (from - to) * i / 40.0);
        float[] y = middle(resampler.resample(tone(frequency, from, from / 4)));
        assertThat(decibels(y)).as("%s at %s Hz", quality, frequency).isLessThan(limit);
      }
    }
  }

  /** A sweep over all frequencies: loud until it passes the new Nyquist frequency, silent after. */
  @Test
  void aSweepEndsAtTheNewNyquistFrequency() {
    int n = 2 * 44100;
    float[] sweep = new float[n];
    for (int i = 0; i < n; i++) {
      sweep[i] = (float) Math.sin(Math.PI * 22050.0 * i * i / n / 44100);
    }

    float[] y = Resampler.of(44100, 16000, Quality.BEST).resample(sweep);

    // 8000 Hz is passed at 8000/22050 of the time; the filter is 12 ms long on each side of it.
    int crossing = (int) (y.length * 8000 / 22050.0);
    assertThat(decibels(Arrays.copyOfRange(y, 1000, (int) (0.94 * crossing))))
        .isCloseTo(0, within(0.01));
    assertThat(decibels(Arrays.copyOfRange(y, crossing + 400, y.length - 400))).isLessThan(-100);
  }

  /**
   * Lengths of {@code librosa.resample} 0.11, whose float64 product may exceed the whole number.
   */
  @ParameterizedTest
  @CsvSource({
    "49, 48000, 16000, 17", "1, 44100, 16000, 1", "132300, 44100, 16000, 48000",
    "150, 8000, 11025, 207", "147, 44100, 48000, 161", "441, 44100, 48000, 481",
    "0, 44100, 16000, 0", "7, 16000, 16000, 7"
  })
  void lengthIsThatOfLibrosa(int n, int from, int to, int expected) {
    Resampler resampler = Resampler.of(from, to);

    assertThat(resampler.outputLength(n)).isEqualTo(expected);
    assertThat(resampler.resample(new float[n])).hasSize(expected);
  }

  /**
   * The definition in double, one stage after another, for signals shorter than the filters too.
   */
  @ParameterizedTest
  @CsvSource({
    "44100, 16000",
    "16000, 48000",
    "44100, 48000",
    "16000, 8000",
    "8000, 16000",
    "96000, 11025",
    "16000, 15237",
    "3, 2",
    "5, 7"
  })
  void equalsTheSumThatDefinesIt(int from, int to) {
    for (int n : new int[] {1, 7, 13, 64, 207, 1021}) {
      float[] x = noise(n);
      Resampler resampler = Resampler.of(from, to, Quality.FAST);
      double[] signal = new double[n];
      Arrays.setAll(signal, i -> x[i]);
      long start = 0;
      for (PolyphaseFilter stage : resampler.stages()) {
        long first = stage.firstOutput(start);
        signal = defined(stage, signal, start, first);
        start = first;
      }

      float[] y = resampler.resample(x);

      for (int k = 0; k < y.length; k++) {
        double expected = k - start < signal.length ? signal[(int) (k - start)] : 0;
        // Two or three stages of some hundred float32 products each of at most 2^-24 of about 1.
        assertThat(y[k]).as("%d of %d", k, n).isCloseTo((float) expected, within(2e-6f));
      }
    }
  }

  private static double[] defined(PolyphaseFilter stage, double[] x, long start, long first) {
    int up = stage.phases();
    int down = stage.step();
    double[] y = new double[(int) (stage.endOutput(start + x.length) - first)];
    for (int i = 0; i < y.length; i++) {
      long n = first + i;
      double time = (double) n * down / up;
      double sum = 0;
      double weight = 0;
      for (long m = (long) Math.floor(time) - stage.reach(); m <= time + stage.reach(); m++) {
        double h = stage.prototype().at(time - m);
        weight += h;
        boolean there = m >= start && m < start + x.length;
        sum += there ? h * x[(int) (m - start)] : 0;
      }
      y[i] = sum / weight;
    }
    return y;
  }

  @ParameterizedTest
  @CsvSource({
    "44100, 16000",
    "16000, 48000",
    "44100, 48000",
    "96000, 8000",
    "16000, 15237",
    "8000, 8000"
  })
  void blocksGiveTheSameBits(int from, int to) {
    float[] x = noise(60_011);
    Resampler resampler = Resampler.of(from, to);
    float[] whole = resampler.resample(x);
    SplittableRandom random = new SplittableRandom(5);
    for (int largest : new int[] {3, 400, 20_000}) {
      float[] joined = new float[whole.length];
      int done = 0;
      ResamplerStream stream = resampler.stream();
      for (int at = 0; at < x.length; ) {
        int n = Math.min(random.nextInt(largest + 1), x.length - at);
        float[] y = stream.push(x, at, n);
        System.arraycopy(y, 0, joined, done, y.length);
        done += y.length;
        at += n;
        double waiting = (double) at / from - (double) done / to;
        assertThat(waiting).isLessThan(resampler.delaySeconds() + 1.0 / from + 1.0 / to);
      }
      float[] rest = stream.flush();
      System.arraycopy(rest, 0, joined, done, rest.length);

      assertThat(done + rest.length).isEqualTo(whole.length);
      assertThat(joined).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @CsvSource({"44100, 16000", "8000, 44100", "96000, 11025", "16000, 8000"})
  void aSignalIsNotHeardInTheNext(int from, int to) {
    float[] loud = noise(50_000);
    float[] x = noise(7001);
    float[] expected = Resampler.of(from, to).stream().resampleAll(x);
    Resampler resampler = Resampler.of(from, to);

    resampler.resample(loud);

    assertThat(resampler.resample(x)).isEqualTo(expected);
  }

  @Test
  void aConstantStaysWhatItIs() {
    float[] ones = new float[5000];
    Arrays.fill(ones, 1);

    for (float y : middle(Resampler.of(44100, 16000).resample(ones))) {
      assertThat(y).isCloseTo(1, within(1e-6f));
    }
  }

  @Test
  void leavesItsInputAlone() {
    float[] x = noise(1000);
    float[] copy = x.clone();

    Resampler.of(44100, 16000).resample(x);
    float[] same = Resampler.of(8000, 8000).resample(x);

    assertThat(x).isEqualTo(copy);
    assertThat(same).isEqualTo(copy).isNotSameAs(x);
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThatThrownBy(() -> Resampler.of(0, 16000))
        .hasMessage("resampler: rates of 0 and 16000 Hz must be positive");
    assertThatThrownBy(() -> Resampler.of(1_999_993, 1_999_991))
        .hasMessage("resampler: the ratio of 1999991 to 1999993 Hz has terms beyond 1000000");
    ResamplerStream stream = Resampler.of(44100, 16000).stream();
    stream.flush();
    assertThatThrownBy(() -> stream.push(new float[1]))
        .hasMessage("resampler: the stream was flushed, open a new one");
  }

  /** Sums in order over equal terms: only fused multiplication tells the two apart. */
  @Test
  void bothKernelsComputeTheSame() {
    ResampleKernel portable = new PortableResampleKernel();
    ResampleKernel vector = new VectorResampleKernel();
    for (int rows : new int[] {1, 7, 13, 64, 207, 1021}) {
      for (int count : new int[] {1, 5, 16, 31, 64}) {
        int tile = 64;
        float[] z = noise(rows + tile + 3);
        float[] taps = noise(4 * rows);
        int[] offsets = new int[rows];
        Arrays.setAll(offsets, k -> (k * 5) % (rows + 3));
        float[] y = new float[4 * tile];
        float[] expected = new float[4 * tile];

        vector.product(z, offsets, taps, y, tile, count);
        portable.product(z, offsets, taps, expected, tile, count);

        for (int q = 0; q < 4; q++) {
          assertSame(y, expected, q * tile, count, rows);
        }

        float[] wide = noise(rows + 4 * tile + 3);
        vector.sum(wide, offsets, taps, y, count);
        portable.sum(wide, offsets, taps, expected, count);

        assertSame(y, expected, 0, count, rows);
      }
    }
  }

  private static void assertSame(float[] y, float[] expected, int from, int count, int rows) {
    for (int i = from; i < from + count; i++) {
      // Each of the sums rounds by at most 2^-24 of what it has reached, below rows / 3.
      assertThat(y[i]).isCloseTo(expected[i], within(rows * 0x1p-24f * (1 + rows / 3f)));
    }
  }

  /** Largest difference from the tone, in dB of its amplitude, away from the ends. */
  private static double errorOfTone(Resampler resampler, double frequency, int from, int to) {
    float[] y = resampler.resample(tone(frequency, from, from / 4));
    double largest = 0;
    for (int k = y.length / 4; k < 3 * y.length / 4; k++) {
      double expected = Math.sin(2 * Math.PI * frequency * k / to + PHASE);
      largest = Math.max(largest, Math.abs(y[k] - expected));
    }
    return 20 * Math.log10(largest);
  }

  private static float[] tone(double frequency, int rate, int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) Math.sin(2 * Math.PI * frequency * i / rate + PHASE);
    }
    return x;
  }

  private static float[] noise(int n) {
    SplittableRandom random = new SplittableRandom(3);
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
    return x;
  }

  private static float[] middle(float[] y) {
    return Arrays.copyOfRange(y, y.length / 4, 3 * y.length / 4);
  }

  /** Power in dB of that of a full-scale sine. */
  private static double decibels(float[] y) {
    double sum = 0;
    for (float v : y) {
      sum += (double) v * v;
    }
    return 10 * Math.log10(2 * sum / y.length + 1e-30);
  }
}
