package dev.cadenza.benchmarks.peers;

import static dev.cadenza.benchmarks.peers.Library.CADENZA;
import static dev.cadenza.benchmarks.peers.Library.DJL;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/** How the training step of {@code two-branch} grows with batch, frames and threads. */
record Scaling(Race race) {
  /** Long clips in batches of 32 would need more memory than time. */
  private static final int BATCH_OF_LONG_CLIPS = 8;

  private static final int FRAMES = 282;

  private static final List<Library> LIBRARIES = List.of(CADENZA, DJL);

  private record Point(int size, List<Race.Time> times) {}

  void run(Path docs) {
    int all = race.threads();
    sweep(
        docs,
        "batch",
        IntStream.of(1, 2, 4, 8, 16, 32, 64, 128, 256),
        batch -> measure(race, batch, FRAMES));
    sweep(
        docs,
        "frames",
        IntStream.of(70, 141, 282, 563, 1125, 2250, 4500),
        frames -> measure(race, BATCH_OF_LONG_CLIPS, frames));
    sweep(
        docs,
        "threads",
        IntStream.rangeClosed(1, all),
        threads -> measure(new Race(race.rounds(), race.seconds(), threads), 32, FRAMES));
  }

  private static List<Race.Time> measure(Race race, int batch, int frames) {
    String job = String.format(Locale.ROOT, "train two-branch %d %d", batch, frames);
    return race.run(job, LIBRARIES);
  }

  private static void sweep(
      Path docs, String what, IntStream sizes, IntFunction<List<Race.Time>> measure) {
    List<String> csv = new ArrayList<>();
    Report.add(csv, what + ",cadenza_ms,djl_ms,cadenza_cpu_ms,djl_cpu_ms");
    List<Point> points = new ArrayList<>();
    for (int size : sizes.toArray()) {
      Point point = new Point(size, measure.apply(size));
      Race.Time ours = point.times().get(0);
      Race.Time theirs = point.times().get(1);
      Report.add(
          csv,
          String.format(
              Locale.ROOT,
              "%d,%.3f,%.3f,%.3f,%.3f",
              size,
              ours.wall(),
              theirs.wall(),
              ours.cpu(),
              theirs.cpu()));
      points.add(point);
    }
    try {
      Files.write(docs.resolve("scaling-" + what + ".csv"), csv);
      plot(docs.resolve("scaling-" + what + ".png"), what, points);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void plot(Path file, String what, List<Point> points) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(720)
            .height(480)
            .title("Training step, two-branch")
            .xAxisTitle(what)
            .yAxisTitle("ms")
            .build();
    boolean powers = !what.equals("threads");
    chart.getStyler().setXAxisLogarithmic(powers);
    chart.getStyler().setYAxisLogarithmic(powers);
    if (!powers) {
      chart.getStyler().setYAxisMin(0.0);
    }
    for (int i = 0; i < LIBRARIES.size(); i++) {
      int side = i;
      chart.addSeries(
          LIBRARIES.get(side).title(),
          points.stream().mapToDouble(Point::size).toArray(),
          points.stream().mapToDouble(p -> p.times().get(side).wall()).toArray());
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      BitmapEncoder.saveBitmap(List.of(chart), 1, 1, out, BitmapFormat.PNG);
    }
  }
}
