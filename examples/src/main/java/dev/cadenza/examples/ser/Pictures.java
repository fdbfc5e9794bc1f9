package dev.cadenza.examples.ser;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.IChart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the pictures of a report as PNG. Needs no display, but a font on the machine. */
public final class Pictures {

  private static final int WIDTH = 800;

  /** At most so many pixels between labels, so that no class goes without. */
  private static final int CLASS_SPACING = 20;

  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
  private static final Color TRAINING = new Color(0x9A9A9A);
  private static final Color VALIDATION = new Color(0x1F6FB2);
  private static final Color VALIDATION_UAR = new Color(0xD1571C);

  /** Light enough at the dark end for black figures. */
  private static final Color[] HEAT = {Color.WHITE, new Color(0xC6DCEF), new Color(0x6FAEDB)};

  private Pictures() {}

  /**
   * The confusion matrix as coloured cells, each with its share of the row in percent.
   *
   * @param title first line of the picture
   * @param classes names of the K classes
   * @param confusion [K, K] counts, one row a true class, one column a predicted class
   * @return a PNG file
   * @throws IOException if this machine cannot draw text
   */
  public static byte[] confusion(String title, List<String> classes, List<List<Integer>> confusion)
      throws IOException {
    HeatMapChart chart =
        new HeatMapChartBuilder()
            .width(WIDTH)
            .height(680)
            .title(title)
            .xAxisTitle("predicted, in % of the true class")
            .yAxisTitle("true")
            .build();
    style(chart.getStyler());
    chart.getStyler().setLegendVisible(false);
    chart
        .getStyler()
        .setRangeColors(HEAT)
        .setShowValue(true)
        .setValueFont(TEXT)
        .setMin(0)
        .setMax(100)
        .setPlotGridLinesVisible(false)
        .setXAxisTickMarkSpacingHint(CLASS_SPACING)
        .setYAxisTickMarkSpacingHint(CLASS_SPACING)
        .setPlotContentSize(1);
    List<Number[]> cells = new ArrayList<>();
    int k = classes.size();
    for (int row = 0; row < k; row++) {
      int sum = confusion.get(row).stream().mapToInt(Integer::intValue).sum();
      for (int column = 0; column < k; column++) {
        int count = confusion.get(row).get(column);
        if (count > 0) {
          // The chart counts rows from below.
          cells.add(new Integer[] {column, k - 1 - row, Math.round(100f * count / sum)});
        }
      }
    }
    List<String> fromBelow = new ArrayList<>(classes);
    Collections.reverse(fromBelow);
    chart.addSeries("confusion", classes, fromBelow, cells);
    return png(List.of(chart));
  }

  /**
   * Loss and scores over the epochs of a training run; a vertical line marks the epoch with the
   * best unweighted average recall on the validation clips.
   *
   * @param title first line of the picture
   * @param epochs one or more epochs
   * @return a PNG file
   * @throws IOException if this machine cannot draw text
   */
  public static byte[] learningCurves(String title, List<EpochScores> epochs) throws IOException {
    XYChart loss = curves(title, "loss", epochs);
    line(loss, "training", TRAINING, epochs, EpochScores::trainLoss);
    line(loss, "validation", VALIDATION, epochs, EpochScores::validationLoss);

    XYChart scores = curves("", "%", epochs);
    scores.getStyler().setYAxisMax(100.0);
    line(scores, "training accuracy", TRAINING, epochs, e -> 100 * e.trainAccuracy());
    line(scores, "validation accuracy", VALIDATION, epochs, e -> 100 * e.validationAccuracy());
    line(scores, "validation UAR", VALIDATION_UAR, epochs, e -> 100 * e.validationUar());
    return png(List.of(loss, scores));
  }

  private static XYChart curves(String title, String unit, List<EpochScores> epochs) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(380)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle(unit)
            .build();
    style(chart.getStyler());
    chart.getStyler().setYAxisMin(0.0);
    chart.getStyler().setXAxisDecimalPattern("0").setXAxisTickMarkSpacingHint(80);
    chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
    chart.getStyler().setLegendLayout(LegendLayout.Horizontal).setYAxisLeftWidthHint(60);
    chart.getStyler().setChartTitleVisible(!title.isEmpty());
    // The later of two equal epochs did not improve on the earlier one.
    EpochScores best =
        epochs.stream()
            .max(
                Comparator.comparingDouble(EpochScores::validationUar)
                    .thenComparing(EpochScores::epoch, Comparator.reverseOrder()))
            .orElseThrow(() -> new IllegalArgumentException("pictures: no epoch to draw"));
    if (epochs.size() > 1) {
      chart.addAnnotation(new AnnotationLine(best.epoch(), true, false));
    }
    return chart;
  }

  private static void line(
      XYChart chart,
      String name,
      Color color,
      List<EpochScores> epochs,
      ToDoubleFunction<EpochScores> value) {
    XYSeries series =
        chart.addSeries(
            name,
            epochs.stream().mapToDouble(EpochScores::epoch).toArray(),
            epochs.stream().mapToDouble(value).toArray());
    series.setMarkerColor(color);
    series.setMarker(epochs.size() == 1 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    series.setLineColor(color);
    series.setLineWidth(2);
  }

  private static void style(AxesChartStyler styler) {
    styler.setLocale(Locale.ROOT);
    styler
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE)
        .setPlotBorderVisible(false)
        .setLegendBorderColor(Color.WHITE)
        .setChartTitlePadding(12)
        .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
        .setLegendFont(TEXT)
        .setAnnotationLineColor(Color.LIGHT_GRAY)
        .setAnnotationLineStroke(new BasicStroke(1));
    styler.setAxisTitleFont(TEXT).setAxisTickLabelsFont(TEXT);
  }

  /** The charts one above the other. */
  private static byte[] png(List<? extends IChart> charts) throws IOException {
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      BitmapEncoder.saveBitmap(charts, charts.size(), 1, out, BitmapFormat.PNG);
      return out.toByteArray();
    } catch (InternalError | LinkageError | RuntimeException e) {
      // What AWT throws without fonts depends on the machine: install fontconfig and a font.
      throw new IOException("pictures: this machine cannot draw text (no font?): " + e, e);
    }
  }
}
