package dev.cadenza.audio.picture;

import dev.cadenza.audio.dsp.Framing;
import dev.cadenza.audio.feature.Features;
import java.awt.image.BufferedImage;
import java.util.function.DoubleUnaryOperator;

/**
 * Features as colours, frames from left to right, bins from below.
 *
 * @param features the values
 * @param framing where frames lie in the signal
 * @param sampleRate in Hz
 * @param seconds length of the signal
 * @param vertical the axis at the left
 * @param unit of that axis
 * @param bin from a value of that axis to the bin it falls in, with a fraction: 1.5 is the middle
 *     of bin 1
 * @param scale what colours mean
 */
record HeatMap(
    String title,
    Features features,
    Framing framing,
    int sampleRate,
    double seconds,
    Axis vertical,
    String unit,
    DoubleUnaryOperator bin,
    Scale scale)
    implements Panel {
  private static final int NOTHING = 0xFFFFFF;

  /** The frame that a time falls in, with a fraction: frames are a hop wide around their middle. */
  private double frame(double time) {
    double middle = framing.firstSample() + framing.length() / 2.0;
    return (time * sampleRate - middle) / framing.hop() + 0.5;
  }

  @Override
  public void paint(BufferedImage image, double shownSeconds) {
    int width = image.getWidth();
    int height = image.getHeight();
    double[] edges = new double[height + 1];
    for (int y = 0; y <= height; y++) {
      edges[y] = bin.applyAsDouble(vertical.value((double) y / height));
    }
    int[] pixels = new int[width * height];
    double[] column = new double[features.bins()];
    for (int x = 0; x < width; x++) {
      Cells frames =
          Cells.of(
              frame(shownSeconds * x / width),
              frame(shownSeconds * (x + 1) / width),
              features.frames());
      for (int f = 0; f < column.length && !frames.isEmpty(); f++) {
        column[f] = mean(frames, f);
      }
      for (int y = 0; y < height; y++) {
        Cells bins = Cells.of(edges[y], edges[y + 1], column.length);
        boolean nothing = frames.isEmpty() || bins.isEmpty();
        pixels[(height - 1 - y) * width + x] = nothing ? NOTHING : scale.rgb(mean(bins, column));
      }
    }
    image.setRGB(0, 0, width, height, pixels, 0, width);
  }

  private double mean(Cells frames, int f) {
    double sum = 0;
    for (int t = frames.from; t < frames.to; t++) {
      sum += features.values()[f * features.frames() + t];
    }
    return sum / (frames.to - frames.from);
  }

  private static double mean(Cells bins, double[] column) {
    double sum = 0;
    for (int f = bins.from; f < bins.to; f++) {
      sum += column[f];
    }
    return sum / (bins.to - bins.from);
  }

  /** The cells that a pixel shows: those it covers if it is wider than they are, else the one. */
  private record Cells(int from, int to) {
    /** What lies less than a cell beyond the ends belongs to the cell there. */
    static Cells of(double from, double to, int count) {
      if (count == 0 || to <= -1 || from >= count + 1) {
        return new Cells(0, 0);
      }
      int first = (int) Math.floor(to - from > 1 ? Math.rint(from) : (from + to) / 2);
      int last = to - from > 1 ? (int) Math.rint(to) : first + 1;
      int start = Math.max(0, Math.min(first, count - 1));
      return new Cells(start, Math.max(start + 1, Math.min(last, count)));
    }

    boolean isEmpty() {
      return from == to;
    }
  }
}
