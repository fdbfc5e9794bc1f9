package dev.cadenza.audio.picture;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;

/**
 * Samples over time: from the least to the greatest of each column of pixels, and darker, their
 * root mean square.
 *
 * @param samples full scale 1
 * @param sampleRate in Hz
 */
record Waveform(String title, float[] samples, int sampleRate) implements Panel {
  private static final Color RANGE = new Color(0x8DBBE0);
  private static final Color LEVEL = new Color(0x1F6FB2);

  @Override
  public double seconds() {
    return (double) samples.length / sampleRate;
  }

  @Override
  public Axis vertical() {
    double peak = 0;
    for (float sample : samples) {
      peak = Math.max(peak, Math.abs(sample));
    }
    double top = peak > 0 ? 1.05 * peak : 1;
    return Axis.even(-top, top);
  }

  @Override
  public void paint(BufferedImage image, double seconds) {
    Graphics2D g = image.createGraphics();
    Axis vertical = vertical();
    double samplesPerPixel = seconds * sampleRate / image.getWidth();
    for (int x = 0; x < image.getWidth(); x++) {
      // One sample more than the column holds, so that columns touch.
      int from = (int) (x * samplesPerPixel);
      int to = (int) Math.min(samples.length, (x + 1) * samplesPerPixel + 1);
      if (from < to) {
        column(g, x, from, to, vertical, image.getHeight());
      }
    }
    g.dispose();
  }

  private void column(Graphics2D g, int x, int from, int to, Axis vertical, int height) {
    double least = Double.POSITIVE_INFINITY;
    double greatest = Double.NEGATIVE_INFINITY;
    double power = 0;
    for (int i = from; i < to; i++) {
      least = Math.min(least, samples[i]);
      greatest = Math.max(greatest, samples[i]);
      power += (double) samples[i] * samples[i];
    }
    double level = Math.sqrt(power / (to - from));
    line(g, RANGE, x, least, greatest, vertical, height);
    double bottom = Math.max(least, -level);
    line(g, LEVEL, x, bottom, Math.max(bottom, Math.min(greatest, level)), vertical, height);
  }

  private static void line(
      Graphics2D g, Color colour, int x, double from, double to, Axis vertical, int height) {
    int bottom = (int) Math.round((height - 1) * (1 - vertical.place(from)));
    int top = (int) Math.round((height - 1) * (1 - vertical.place(to)));
    g.setColor(colour);
    g.fillRect(x, top, 1, bottom - top + 1);
  }
}
