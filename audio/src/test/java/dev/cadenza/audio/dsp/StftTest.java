package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.dsp.Framing.Alignment;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StftTest {
  private static float[] chirp(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = (float) Math.sin(1e-4 * i * i);
    }
    return x;
  }

  @ParameterizedTest
  @CsvSource({"512, 512, 128", "512, 400, 100", "255, 255, 60", "100, 64, 31"})
  void inverseGivesTheSignalBack(int nFft, int winLength, int hop) {
    float[] x = chirp(5000);
    Stft.Settings settings = Stft.Settings.librosa(nFft, winLength, hop, Window.HANN);
    float[] y = new InverseStft(settings).apply(new Stft(settings).forward(x), x.length);
    // The spectrum is rounded to float, 6e-8 of bins as large as the window's sum, n / 2; over n of
    // them, divided by n.
    assertThat(y).containsExactly(x, within(2e-6f));
  }

  @ParameterizedTest
  @ValueSource(ints = {40, 33, 32, 31, 16, 1})
  void powerIsTheSquareOfTheTransform(int winLength) {
    for (int nFft : new int[] {64, 63}) {
      Stft stft = new Stft(Stft.Settings.librosa(nFft, winLength, 17, Window.HAMMING));
      ComplexSpectrum s = stft.forward(chirp(3000));
      float[][] power = stft.power(chirp(3000), 2);
      float[][] magnitude = stft.power(chirp(3000), 1);
      for (int k = 0; k < s.bins(); k++) {
        for (int t = 0; t < s.frames(); t++) {
          double re = s.re()[k * s.frames() + t];
          double im = s.im()[k * s.frames() + t];
          // Either is rounded to float, bins before they are squared: a few times 6e-8 of values up
          // to 1000.
          assertThat((double) power[k][t]).isCloseTo(re * re + im * im, within(3e-4));
          assertThat((double) magnitude[k][t]).isCloseTo(Math.hypot(re, im), within(1e-5));
        }
      }
    }
  }

  @Test
  void samplesMayBeAsLargeAsFloatsAre() {
    float[] x = new float[256];
    Arrays.fill(x, Float.MAX_VALUE);
    Stft stft = new Stft(Stft.Settings.librosa(256, 256, 100, Window.HANN));
    assertThat(stft.power(x, 2)[0][1]).isInfinite();
    x[99] = Float.NaN;
    assertThatThrownBy(() -> stft.power(x, 2))
        .hasMessage("stft: sample 99 of 256 is NaN, all samples must be finite");
  }

  @Test
  void aFrameDoesNotDependOnWhereInABlockItLies() {
    // 1000 frames take three chunks and 21 blocks; the last one is not full.
    float[] x = chirp(100 * 999 + 256);
    Stft.Settings settings =
        new Stft.Settings(
            256, 256, 100, Window.HANN, Alignment.INSIDE, PadMode.CONSTANT, Conditioning.NONE);
    Stft stft = new Stft(settings);
    float[][] all = stft.power(x, 2);
    assertThat(all[0]).hasSize(1000);
    for (int t : new int[] {0, 47, 48, 383, 384, 767, 768, 998, 999}) {
      float[] alone = new float[256];
      System.arraycopy(x, 100 * t, alone, 0, 256);
      float[][] one = stft.power(alone, 2);
      for (int k = 0; k < one.length; k++) {
        assertThat(all[k][t]).isEqualTo(one[k][0]);
      }
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThatThrownBy(() -> Stft.Settings.librosa(256, 300, 100, Window.HANN))
        .hasMessage("stft: winLength=300 must be at most nFft=256");
    assertThatThrownBy(() -> Stft.Settings.librosa(0, 0, 100, Window.HANN))
        .hasMessage("stft: nFft=0 must be at least 1");
    Stft.Settings inside =
        new Stft.Settings(
            256, 256, 100, Window.HANN, Alignment.INSIDE, PadMode.CONSTANT, Conditioning.NONE);
    assertThatThrownBy(() -> new Stft(inside).forward(new float[255]))
        .hasMessage("stft: the signal has 255 samples, frames inside it need at least nFft=256");
    assertThatThrownBy(() -> new Stft(inside).forward(new float[0]))
        .hasMessage("stft: the signal is empty, at least one sample is needed");
    assertThatThrownBy(() -> new Stft(inside).forward(new float[] {0, 1, Float.NaN}))
        .hasMessage("stft: sample 2 of 3 is NaN, all samples must be finite");
    assertThatThrownBy(() -> new Stft(inside).forward(new float[] {Float.NEGATIVE_INFINITY}))
        .hasMessage("stft: sample 0 of 1 is -Infinity, all samples must be finite");
    assertThatThrownBy(() -> new Framing(200, 201, Alignment.HOP_CENTERED, PadMode.CONSTANT))
        .hasMessage("framing: length=200 must be at least hop=201 when frames are centred on hops");
    assertThatThrownBy(() -> new Dct(4, 10, 10, Dct.Norm.NONE))
        .hasMessage("dct: type=4 must be 1, 2 or 3");
    assertThatThrownBy(() -> new Dct(2, 10, 11, Dct.Norm.NONE))
        .hasMessage("dct: coefficients=11 must be at most size=10");
    assertThatThrownBy(() -> Window.parse("hanning"))
        .hasMessage(
            "window: cannot read hanning, expected one of hann, hamming, blackman, blackmanharris,"
                + " nuttall, flattop, bartlett, triang, cosine, boxcar, barthann, bohman, lanczos,"
                + " parzen, povey, tukey(0.5), kaiser(14.0), gaussian(7.0)");
    for (String other : new String[] {"kaiser", "hann(3.0)", "kaiser(x)", "kaiser(8", "tukey()"}) {
      assertThatThrownBy(() -> Window.parse(other))
          .hasMessageStartingWith("window: cannot read " + other + ", expected one of hann,");
    }
    assertThatThrownBy(() -> Window.parse("tukey(1.5)"))
        .hasMessage(
            "window: tukey cannot have the parameter 1.5, expected a finite one for kaiser, one"
                + " above 0 for gaussian, one from 0 to 1 for tukey");
    assertThatThrownBy(() -> Window.gaussian(0))
        .hasMessageStartingWith("window: gaussian cannot have the parameter 0.0, expected");
    assertThatThrownBy(() -> LinearPrediction.burg(new float[] {1, 2}, 2))
        .hasMessage("lpc: order=2 must be below the number of samples, 2");
  }
}
