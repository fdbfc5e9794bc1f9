package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PicturesTest {

  /** A matrix whose diagonal holds 6 of 10 clips of each emotion. */
  private static List<List<Integer>> confusion() {
    return IntStream.range(0, 8)
        .mapToObj(
            row ->
                IntStream.range(0, 8)
                    .mapToObj(column -> row == column ? 6 : (row + 1) % 8 == column ? 4 : 0)
                    .toList())
        .toList();
  }

  private static List<EpochScores> epochs(int n) {
    Random random = new Random(3);
    return IntStream.rangeClosed(1, n)
        .mapToObj(
            i -> {
              double done = 1 - Math.exp(-i / 12.0);
              double wobble = 0.04 * random.nextGaussian();
              return new EpochScores(
                  i,
                  2.1 - 1.6 * done,
                  0.125 + 0.7 * done,
                  2.1 - 1.1 * done - wobble,
                  0.125 + 0.5 * done + wobble,
                  0.12 + 0.48 * done + wobble);
            })
        .toList();
  }

  private static BufferedImage image(byte[] png) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
    assertThat(image).isNotNull();
    return image;
  }

  /** The number of pixels of each colour. */
  private static Map<Integer, Long> colours(BufferedImage image) {
    int width = image.getWidth();
    return IntStream.of(image.getRGB(0, 0, width, image.getHeight(), null, 0, width))
        .mapToObj(pixel -> pixel & 0xffffff)
        .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
  }

  @Test
  void confusion_gives_equal_shares_the_same_colour() throws IOException {
    Map<Integer, Long> colours =
        colours(image(Pictures.confusion("Test", Emotion.texts(), confusion())));
    // 8 cells of 60 %, 8 of 40 %, 48 white ones of 0 %, each of more than 50 x 50 pixels
    assertThat(colours.values().stream().filter(count -> count > 8 * 50 * 50)).hasSize(3);
    assertThat(colours.get(0xffffff)).isGreaterThan(48 * 50 * 50);
  }

  @Test
  void learning_curves_draw_every_series() throws IOException {
    Map<Integer, Long> colours = colours(image(Pictures.learningCurves("Test", epochs(60))));
    for (int rgb : new int[] {0x9A9A9A, 0x1F6FB2, 0xD1571C}) {
      assertThat(colours.get(rgb)).as("pixels of colour %06x", rgb).isGreaterThan(300);
    }
  }

  @Test
  void one_epoch_is_enough() throws IOException {
    image(Pictures.learningCurves("Test", epochs(1)));
    assertThatThrownBy(() -> Pictures.learningCurves("Test", List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pictures: no epoch to draw");
  }

  @Test
  void the_same_report_gives_the_same_bytes() throws IOException {
    assertThat(Pictures.confusion("T", Emotion.texts(), confusion()))
        .isEqualTo(Pictures.confusion("T", Emotion.texts(), confusion()));
    assertThat(Pictures.learningCurves("T", epochs(9)))
        .isEqualTo(Pictures.learningCurves("T", epochs(9)));
  }
}
