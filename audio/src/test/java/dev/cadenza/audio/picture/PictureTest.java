package dev.cadenza.audio.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.LogMel;
import dev.cadenza.audio.feature.Mfcc;
import dev.cadenza.audio.feature.Spectrogram;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.ToDoubleBiFunction;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PictureTest {
  private static final int RATE = 16_000;
  private static final Spectrogram SPECTROGRAM =
      Spectrogram.librosa(RATE).stft(Stft.Settings.librosa(1024, 1024, 128, Window.HANN));
  private static final LogMel LOG_MEL = LogMel.librosa().sampleRate(RATE).nFft(1024);

  private static float[] tone(double hz, double seconds) {
    float[] x = new float[(int) (seconds * RATE)];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(2 * Math.PI * hz * i / RATE);
    }
    return x;
  }

  private static float[] click(double at, double seconds) {
    float[] x = new float[(int) (seconds * RATE)];
    x[(int) (at * RATE)] = 1;
    return x;
  }

  private static Panel panel(Picture picture) {
    assertThat(picture.panels()).hasSize(1);
    return picture.panels().get(0);
  }

  private static BufferedImage painted(Panel panel, int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    panel.paint(image, panel.seconds());
    return image;
  }

  private static double brightness(BufferedImage image, int x, int y) {
    Color colour = new Color(image.getRGB(x, y));
    return colour.getRed() + colour.getGreen() + colour.getBlue();
  }

  /** The first of {@code n} places that is brightest, and how many are as bright: their middle. */
  private static double brightest(
      int n, ToDoubleBiFunction<BufferedImage, Integer> at, BufferedImage i) {
    double[] values = new double[n];
    Arrays.setAll(values, k -> at.applyAsDouble(i, k));
    double most = Arrays.stream(values).max().orElseThrow();
    int first = 0;
    while (values[first] < most) {
      first++;
    }
    int last = n - 1;
    while (values[last] < most) {
      last--;
    }
    return (first + last + 1) / 2.0;
  }

  private static double brightestHz(Panel panel) {
    int height = 400;
    BufferedImage image = painted(panel, 50, height);
    double y = brightest(height, (i, k) -> brightness(i, 25, k), image);
    return panel.vertical().value(1 - y / height);
  }

  /** A bin is 15.6 Hz wide, a row of pixels at most 40 Hz. */
  @ParameterizedTest
  @EnumSource(FrequencyAxis.class)
  void aToneLiesAtItsFrequencyOnEveryAxis(FrequencyAxis axis) {
    for (double hz : new double[] {500, 2000, 6000}) {
      Panel panel = panel(Picture.of(SPECTROGRAM, tone(hz, 0.5)).axis(axis));
      assertThat(panel.unit()).isEqualTo("Hz");
      assertThat(brightestHz(panel)).as("%s", axis).isCloseTo(hz, within(40.0));
    }
  }

  /** 128 bands up to 8 kHz: above 1 kHz they are 2.4 % apart, below 24 Hz. */
  @ParameterizedTest
  @EnumSource(FrequencyAxis.class)
  void aToneLiesInItsMelBand(FrequencyAxis axis) {
    for (double hz : new double[] {500, 2000, 6000}) {
      Panel panel = panel(Picture.of(LOG_MEL, tone(hz, 0.5)).axis(axis));
      assertThat(brightestHz(panel)).as("%s", axis).isCloseTo(hz, within(Math.max(24, 0.03 * hz)));
    }
  }

  /** A frame of a hop of 8 ms is as bright as its neighbour if the click is between them. */
  @Test
  void aClickLiesAtItsTime() {
    for (double at : new double[] {0.1, 0.5, 0.9}) {
      Panel panel = panel(Picture.of(SPECTROGRAM, click(at, 1)));
      BufferedImage image = painted(panel, 1000, 40);
      double x = brightest(1000, (i, k) -> brightness(i, k, 20), image);
      assertThat(x / 1000).isCloseTo(at, within(0.008));
    }
  }

  /** Kaldi's frame 0 begins at sample 0 and is 25 ms long: half of that is not described. */
  @Test
  void whatNoFrameDescribesStaysWhite() {
    Panel panel = panel(Picture.of(LogMel.kaldi(), tone(440, 1)));
    BufferedImage image = painted(panel, 1000, 10);
    assertThat(image.getRGB(0, 5) & 0xffffff).isNotEqualTo(0xffffff); // within a hop of frame 0
    Panel later = panel(Picture.of(LogMel.kaldi().hopLength(16), tone(440, 1)));
    image = painted(later, 1000, 10);
    assertThat(image.getRGB(5, 5) & 0xffffff).isEqualTo(0xffffff);
    assertThat(image.getRGB(20, 5) & 0xffffff).isNotEqualTo(0xffffff);
    assertThat(image.getRGB(995, 5) & 0xffffff).isEqualTo(0xffffff);
  }

  @Test
  void theHighestFrequencyCanBeChosen() {
    Panel panel = panel(Picture.of(SPECTROGRAM, tone(500, 0.5)).maxHz(1000));
    assertThat(panel.vertical().high()).isEqualTo(1000);
    assertThat(brightestHz(panel)).isCloseTo(500, within(16.0));
    assertThat(panel(Picture.of(SPECTROGRAM, tone(500, 0.5)).maxHz(1e6)).vertical().high())
        .isEqualTo(8000);
  }

  @Test
  void coloursSpanTheDecibelsThatAreThere() {
    Panel.Scale scale = scale(Picture.of(SPECTROGRAM, tone(500, 0.5)));
    assertThat(scale.unit()).isEqualTo("dB");
    assertThat(scale.high() - scale.low()).isCloseTo(80, within(1e-4)); // topDb
    assertThat(scale.below() || scale.above()).isFalse();
    Panel.Scale deep = scale(Picture.of(LOG_MEL.topDb(null), click(0.1, 0.5)));
    assertThat(deep.high() - deep.low()).isLessThanOrEqualTo(100);
    Panel.Scale silent = scale(Picture.of(LOG_MEL, new float[5000]));
    assertThat(silent.low()).isEqualTo(-100);
    assertThat(silent.high()).isEqualTo(-99);
  }

  /** The mean level, hundreds of decibels down, would leave one colour for all the others. */
  @Test
  void theLevelDoesNotTakeTheColoursOfTheOtherCoefficients() {
    float[] signal = click(0.2, 0.5);
    Panel.Scale scale = scale(Picture.of(Mfcc.librosa().sampleRate(RATE), signal));
    assertThat(scale.below()).isTrue();
    assertThat(scale.low()).isGreaterThan(-200);
    Panel.Scale last = scale(Picture.of(Mfcc.htk(), tone(300, 0.5)));
    assertThat(last.above()).isTrue(); // coefficient 0, the last row, is the largest by far
    assertThat(panel(Picture.of(Mfcc.htk(), tone(300, 0.5))).unit()).isEmpty();
  }

  private static Panel.Scale scale(Picture picture) {
    return Objects.requireNonNull(panel(picture).scale());
  }

  @Test
  void aWaveformReachesAsFarAsItsSamples() {
    float[] x = new float[RATE];
    Arrays.fill(x, RATE / 2, RATE, 0.5f);
    Panel panel = panel(Picture.waveform(Audio.mono(x, RATE)));
    assertThat(panel.seconds()).isEqualTo(1);
    assertThat(panel.vertical().high()).isCloseTo(0.525, within(1e-7));
    BufferedImage image = painted(panel, 100, 101);
    int y = (int) Math.round(100 * (1 - panel.vertical().place(0.5)));
    assertThat(brightness(image, 75, y)).isPositive();
    assertThat(brightness(image, 75, 50)).isZero();
    assertThat(brightness(image, 25, 50)).isPositive();
    assertThat(brightness(image, 25, y)).isZero();
  }

  @Test
  void channelsArePanelsOfTheirOwn() {
    Audio stereo = new Audio(new float[2][100], 8000);
    assertThat(Picture.waveform(stereo).panels())
        .extracting(Panel::title)
        .containsExactly("Waveform, channel 1", "Waveform, channel 2");
  }

  @Test
  void picturesAreAsLargeAsAsked(@TempDir Path folder) throws IOException {
    Audio audio = Audio.mono(tone(440, 0.3), RATE);
    Picture one = Picture.waveform(audio).size(300, 100);
    Picture picture =
        Picture.stack(
            one, Picture.of(SPECTROGRAM, audio.samples()), Picture.of(LOG_MEL, audio.samples()));
    BufferedImage image = picture.zoom(1).image();
    assertThat(image.getWidth()).isEqualTo(300);
    // Three panels with a row for their titles, and the rows of the time axis.
    assertThat(image.getHeight()).isEqualTo(3 * (100 + 32) + 40);
    assertThat(picture.image().getWidth()).isEqualTo(600);
    Path file = folder.resolve("x.png");
    picture.title("All").write(file);
    assertThat(ImageIO.read(file.toFile()).getHeight()).isEqualTo(2 * (3 * (100 + 32) + 40 + 30));
  }

  @Test
  void thereIsInkForTitleAndAxes() {
    Audio audio = Audio.mono(tone(440, 0.3), RATE);
    BufferedImage with = Picture.waveform(audio).zoom(1).image();
    BufferedImage without = Picture.waveform(audio).title("").zoom(1).image();
    assertThat(dark(with, 0, 32)).isGreaterThan(100);
    assertThat(dark(without, 0, 32)).isZero();
    assertThat(dark(with, 232 + 5, 232 + 40)).isGreaterThan(100);
  }

  /** Pixels darker than grey in some rows. */
  private static long dark(BufferedImage image, int from, int to) {
    long count = 0;
    for (int y = from; y < to; y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        count += brightness(image, x, y) < 3 * 128 ? 1 : 0;
      }
    }
    return count;
  }

  @Test
  void oddSoundsAreDrawn() {
    Picture.waveform(Audio.mono(new float[0], 8000)).image();
    Picture.waveform(Audio.mono(new float[] {0.1f}, 8000)).image();
    Picture.of(LogMel.kaldi(), tone(100, 0.01)).image(); // no frame
    Picture.of(Mfcc.librosa().nMfcc(1), tone(100, 0.01)).image();
    Picture.of(Spectrogram.kaldi(), tone(100, 0.1)).axis(FrequencyAxis.LOG).image();
  }

  @Test
  void refusesWithOneClearLine() {
    assertThatThrownBy(Picture::stack).hasMessage("picture: there is nothing to stack");
    Picture picture = Picture.waveform(Audio.mono(new float[9], 8000));
    assertThatThrownBy(() -> picture.maxHz(0)).hasMessage("picture: maxHz=0.0 must be above 0");
    assertThatThrownBy(() -> picture.zoom(Double.NaN))
        .hasMessage("picture: zoom=NaN must be above 0");
    assertThatThrownBy(() -> picture.size(20, 100))
        .hasMessage("picture: width=20 must be at least 240");
    assertThatThrownBy(() -> picture.size(300, 10))
        .hasMessage("picture: height=10 must be at least 40");
  }
}
