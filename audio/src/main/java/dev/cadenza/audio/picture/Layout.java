package dev.cadenza.audio.picture;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.List;

/**
 * Where the parts of a picture stand: panels below each other, their axes, titles and colour bars.
 *
 * @param title above all panels; empty for none
 * @param width of the whole in pixels
 * @param height of the area between the axes of each panel
 * @param zoom pixels of the image that become of one
 */
record Layout(String title, int width, int height, double zoom) {
  static final Layout STANDARD = new Layout("", 800, 200, 2);

  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
  private static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 16);
  private static final Color INK = new Color(0x33383D);
  private static final Color FAINT = new Color(0x8A9097);

  private static final int MARGIN = 12;
  private static final int HEADING_ROW = 30;

  /** Above each panel, with its title and units. */
  private static final int TITLE_ROW = 32;

  /** How far above a panel the middle of its title and units lies. */
  private static final int UNIT_RISE = 14;

  /** Below the last panel: numbers, and what they are. */
  private static final int TIME_ROWS = 40;

  private static final int TICK = 4;
  private static final int GAP = 4;
  private static final int BAR_GAP = 14;
  private static final int BAR = 12;
  private static final double TICK_SPACING = 24;
  private static final double TIME_SPACING = 32;

  Layout title(String title) {
    return new Layout(title, width, height, zoom);
  }

  Layout size(int width, int height) {
    return new Layout(title, width, height, zoom);
  }

  Layout zoom(double zoom) {
    return new Layout(title, width, height, zoom);
  }

  BufferedImage draw(List<Panel> panels) {
    int heading = (title.isEmpty() ? 0 : HEADING_ROW);
    int whole = heading + panels.size() * (TITLE_ROW + height) + TIME_ROWS;
    BufferedImage image =
        new BufferedImage(pixels(width), pixels(whole), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    try {
      g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setRenderingHint(
          RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
      g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      g.scale(zoom, zoom);
      g.setColor(Color.WHITE);
      g.fill(new Rectangle2D.Double(0, 0, width, whole));
      new Drawing(g, panels).draw(heading);
    } finally {
      g.dispose();
    }
    return image;
  }

  private int pixels(double length) {
    return (int) Math.round(length * zoom);
  }

  /** One picture being drawn. */
  private final class Drawing {
    private final Graphics2D g;
    private final List<Panel> panels;
    private final double seconds;
    private final int left;
    private final int right;

    Drawing(Graphics2D g, List<Panel> panels) {
      this.g = g;
      this.panels = panels;
      // An empty sound has an axis all the same.
      double longest = panels.stream().mapToDouble(Panel::seconds).max().orElseThrow();
      seconds = longest > 0 ? longest : 1;
      left = MARGIN + panels.stream().mapToInt(this::labelWidth).max().orElseThrow();
      right = width - panels.stream().mapToInt(this::barWidth).max().orElseThrow();
    }

    private int labelWidth(Panel panel) {
      Axis axis = panel.vertical();
      return widest(ticks(axis).stream().map(v -> label(panel, v)).toList()) + TICK + GAP;
    }

    /** Room for half of the last number of the time axis, at the least. */
    private int barWidth(Panel panel) {
      Panel.Scale scale = panel.scale();
      if (scale == null) {
        return 2 * MARGIN;
      }
      List<String> labels =
          ticks(Axis.even(scale.low(), scale.high())).stream().map(Axis::label).toList();
      return BAR_GAP + BAR + TICK + GAP + widest(labels) + MARGIN;
    }

    private int widest(List<String> labels) {
      FontMetrics metrics = g.getFontMetrics(TEXT);
      return labels.stream().mapToInt(metrics::stringWidth).max().orElse(0);
    }

    private List<Double> ticks(Axis axis) {
      return axis.ticks(height, TICK_SPACING);
    }

    void draw(int heading) {
      if (!title.isEmpty()) {
        text(HEADING, INK, title, left, heading - 6, width - MARGIN - left);
      }
      int top = heading;
      for (Panel panel : panels) {
        top += TITLE_ROW;
        panel(panel, top);
        top += height;
      }
      timeLabels(top);
    }

    private void panel(Panel panel, int top) {
      text(TITLE, INK, panel.title(), left, top - UNIT_RISE + 4, right - left);
      image(panel, top);
      g.setColor(FAINT);
      g.setStroke(new BasicStroke(1));
      g.draw(new Rectangle2D.Double(left - 0.5, top - 0.5, right - left + 1, height + 1));
      for (double value : ticks(panel.vertical())) {
        double y = top + height * (1 - panel.vertical().place(value));
        g.setColor(FAINT);
        g.draw(new Line2D.Double(left - TICK, y, left - 1, y));
        textBefore(label(panel, value), left - TICK - GAP, y);
      }
      textBefore(panel.unit(), left - TICK - GAP, top - UNIT_RISE);
      for (double value : timeTicks()) {
        double x = left + (right - left) * value / seconds;
        g.setColor(FAINT);
        g.draw(new Line2D.Double(x, top + height + 1, x, top + height + TICK));
      }
      Panel.Scale scale = panel.scale();
      if (scale != null) {
        bar(scale, top);
      }
    }

    /** What is between the axes, pixel by pixel of the image. */
    private void image(Panel panel, int top) {
      AffineTransform zoomed = g.getTransform();
      int x = pixels(left);
      int y = pixels(top);
      BufferedImage content =
          new BufferedImage(
              pixels(right) - x, pixels(top + height) - y, BufferedImage.TYPE_INT_RGB);
      Graphics2D blank = content.createGraphics();
      blank.setColor(Color.WHITE);
      blank.fillRect(0, 0, content.getWidth(), content.getHeight());
      blank.dispose();
      panel.paint(content, seconds);
      g.setTransform(new AffineTransform());
      g.drawImage(content, x, y, null);
      g.setTransform(zoomed);
    }

    private void bar(Panel.Scale scale, int top) {
      Axis axis = Axis.even(scale.low(), scale.high());
      int x = right + BAR_GAP;
      int steps = pixels(height);
      for (int i = 0; i < steps; i++) {
        g.setColor(new Color(scale.colours().rgb((i + 0.5) / steps)));
        double y = top + height - (double) height * (i + 1) / steps;
        g.fill(new Rectangle2D.Double(x, y, BAR, (double) height / steps + 0.5));
      }
      if (scale.below()) {
        arrow(scale.colours().rgb(0), x, top + height, 1);
      }
      if (scale.above()) {
        arrow(scale.colours().rgb(1), x, top, -1);
      }
      for (double value : ticks(axis)) {
        double y = top + height * (1 - axis.place(value));
        g.setColor(FAINT);
        g.draw(new Line2D.Double(x + BAR, y, x + BAR + TICK - 1, y));
        textAt(Axis.label(value), x + BAR + TICK + GAP, y);
      }
      textAt(scale.unit(), x + BAR + TICK + GAP, top - UNIT_RISE);
    }

    /** The end of a colour bar beyond which there are more values. */
    private void arrow(int rgb, double x, double y, int direction) {
      Path2D arrow = new Path2D.Double();
      arrow.moveTo(x, y);
      arrow.lineTo(x + BAR, y);
      arrow.lineTo(x + BAR / 2.0, y + direction * BAR / 1.6);
      arrow.closePath();
      g.setColor(new Color(rgb));
      g.fill(arrow);
    }

    private List<Double> timeTicks() {
      Axis time = Axis.even(0, seconds);
      double spacing = widest(List.of(Axis.label(seconds), "0.00")) + TIME_SPACING;
      return time.ticks(right - left, spacing);
    }

    private void timeLabels(int bottom) {
      FontMetrics metrics = g.getFontMetrics(TEXT);
      int line = bottom + TICK + GAP + metrics.getAscent();
      for (double value : timeTicks()) {
        String label = Axis.label(value);
        double x = left + (right - left) * value / seconds;
        text(TEXT, INK, label, x - metrics.stringWidth(label) / 2.0, line, width);
      }
      String name = "seconds";
      double middle = (left + right - metrics.stringWidth(name)) / 2.0;
      text(TEXT, FAINT, name, middle, line + metrics.getHeight(), width);
    }

    private static String label(Panel panel, double value) {
      return panel.unit().equals(Panel.HERTZ) ? Axis.hertz(value) : Axis.label(value);
    }

    /** Ends at x, its middle at the height of y. */
    private void textBefore(String text, double x, double y) {
      textAt(text, x - g.getFontMetrics(TEXT).stringWidth(text), y);
    }

    /** Begins at x, its middle at the height of y. */
    private void textAt(String text, double x, double y) {
      double baseline = y + g.getFontMetrics(TEXT).getAscent() * 0.38;
      text(TEXT, INK, text, x, baseline, width);
    }

    /** On a line; what is longer than {@code most} ends with dots. */
    private void text(Font font, Color colour, String text, double x, double y, double most) {
      FontMetrics metrics = g.getFontMetrics(font);
      String shown = text;
      for (int n = text.length() - 1; n > 0 && metrics.stringWidth(shown) > most; n--) {
        shown = text.substring(0, n) + "...";
      }
      g.setFont(font);
      g.setColor(colour);
      g.drawString(shown, (float) x, (float) y);
    }
  }
}
