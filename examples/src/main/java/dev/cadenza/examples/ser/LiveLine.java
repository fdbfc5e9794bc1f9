package dev.cadenza.examples.ser;

import java.io.PrintWriter;

/** A line that says how something gets on: on a terminal it is drawn again and again. */
final class LiveLine {

  private static final int BAR = 24;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;
  private final boolean live;
  private long drawn;
  private int width;

  /**
   * @param live whether {@code out} is a terminal, where a line can be drawn again
   */
  LiveLine(PrintWriter out, boolean live) {
    this.out = out;
    this.live = live;
  }

  /** Whether it is time to {@link #draw} again; a new line is drawn at once. */
  boolean isDue() {
    return live && (width == 0 || System.nanoTime() - drawn >= REDRAW_NANOS);
  }

  /** Draws the line over what it was. */
  void draw(String text) {
    drawn = System.nanoTime();
    out.print("\r" + padded(text));
    out.flush();
    width = text.length();
  }

  /** Prints its last state, which stays. */
  void end(String text) {
    out.println((live ? "\r" : "") + padded(text));
    out.flush();
    width = 0;
  }

  private String padded(String text) {
    return text + " ".repeat(Math.max(0, width - text.length()));
  }

  /** How much is done, 0 to 1, as a bar. */
  static String bar(double part) {
    int filled = (int) (BAR * part);
    return "[" + "=".repeat(filled) + " ".repeat(BAR - filled) + "]";
  }
}
