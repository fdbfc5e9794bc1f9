package dev.cadenza.audio.picture;

import java.awt.image.BufferedImage;
import org.jspecify.annotations.Nullable;

/** One of the pictures above each other: what is painted between axes, and the axes. */
interface Panel {
  String HERTZ = "Hz";

  /** Stands above, at the left. */
  String title();

  /** How long the sound is. */
  double seconds();

  /** The axis at the left. */
  Axis vertical();

  /** The unit of the vertical axis, {@link #HERTZ} or none. */
  default String unit() {
    return "";
  }

  /** What colours mean; null where there is no meaning. */
  default @Nullable Scale scale() {
    return null;
  }

  /**
   * Paints every pixel of an image whose width is {@code seconds} of time and whose height is the
   * vertical axis.
   */
  void paint(BufferedImage image, double seconds);

  /**
   * What colours mean.
   *
   * @param low value of the first colour
   * @param high value of the last colour
   * @param below whether values below {@code low} are there
   * @param above whether values above {@code high} are there
   * @param unit of the values; empty for none
   * @param colours the colours
   */
  record Scale(
      double low, double high, boolean below, boolean above, String unit, ColourMap colours) {
    int rgb(double value) {
      return colours.rgb((value - low) / (high - low));
    }
  }
}
