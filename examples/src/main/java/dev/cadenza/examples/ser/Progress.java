package dev.cadenza.examples.ser;

import dev.cadenza.train.Trainer;
import java.io.PrintWriter;
import java.util.Locale;

/**
 * Shows how a training run gets on: a line an epoch and, on a terminal, a bar that moves below the
 * last one.
 */
final class Progress {

  private final LiveLine line;
  private final int epochs;
  private int clips;
  private int done;
  private long started;
  private long epochStarted;

  /**
   * @param live whether {@code out} is a terminal, where a line can be drawn again
   * @param epochs how many there are at most
   */
  Progress(PrintWriter out, boolean live, int epochs) {
    line = new LiveLine(out, live);
    this.epochs = epochs;
  }

  /**
   * An epoch begins.
   *
   * @param clips number of clips to learn from in it
   */
  void begin(int clips) {
    this.clips = clips;
    epochStarted = System.nanoTime();
    if (done == 0) {
      started = epochStarted;
    }
  }

  /** A step is done. */
  void step(int epoch, Trainer.Scores s) {
    if (!line.isDue()) {
      return;
    }
    long now = System.nanoTime();
    double part = (double) s.examples() / clips;
    line.draw(
        String.format(
            Locale.ROOT,
            "epoch %3d/%d  %s  loss %.4f  acc %5.1f %%  %.0f clips/s  left %s",
            epoch + 1,
            epochs,
            LiveLine.bar(part),
            s.loss(),
            100 * s.accuracy(),
            s.examples() / seconds(epochStarted, now),
            left(epoch + part, done + part, now)));
  }

  /**
   * An epoch is over.
   *
   * @param trainedAt {@link System#nanoTime} when its last step was done
   * @param best whether it is the best so far
   */
  void end(EpochScores s, long trainedAt, boolean best) {
    done++;
    line.end(
        String.format(
            Locale.ROOT,
            "epoch %3d/%d  loss %.4f  acc %5.1f %%  validation: loss %.4f  acc %5.1f %%  UAR %5.1f %%"
                + "  %.0f clips/s  left %s%s",
            s.epoch(),
            epochs,
            s.trainLoss(),
            100 * s.trainAccuracy(),
            s.validationLoss(),
            100 * s.validationAccuracy(),
            100 * s.validationUar(),
            clips / seconds(epochStarted, trainedAt),
            left(s.epoch(), done, System.nanoTime()),
            best ? "  best" : ""));
  }

  private String left(double epochsDone, double doneHere, long now) {
    long left = Math.round(seconds(started, now) / doneHere * (epochs - epochsDone));
    return left < 3600
        ? String.format(Locale.ROOT, "%d:%02d", left / 60, left % 60)
        : String.format(Locale.ROOT, "%d:%02d:%02d", left / 3600, left / 60 % 60, left % 60);
  }

  private static double seconds(long from, long to) {
    return (to - from) / 1e9;
  }
}
