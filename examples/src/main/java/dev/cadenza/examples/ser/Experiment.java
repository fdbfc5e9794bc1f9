package dev.cadenza.examples.ser;

import dev.cadenza.models.ParallelCnnTransformer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Training and evaluation on splits of one corpus, told to a screen. The features of the clips are
 * computed once for all splits.
 */
final class Experiment {

  private final ParallelCnnTransformer.Settings network;
  private final FeatureStore features;
  private final Recipe recipe;
  private final String data;
  private final boolean synthetic;
  private final String fingerprint;
  private final PrintWriter screen;
  private final PrintWriter problems;
  private final List<Path> written = new ArrayList<>();

  Experiment(
      Preset preset,
      Recipe recipe,
      DataOption data,
      Corpus corpus,
      PrintWriter screen,
      PrintWriter problems) {
    this.network = preset.network();
    this.features = new FeatureStore(new FrontEnd(preset.features()));
    this.recipe = recipe;
    this.data = data.describe(corpus);
    this.synthetic = data.isSynthetic();
    this.fingerprint = corpus.fingerprint();
    this.screen = screen;
    this.problems = problems;
  }

  /** The files written so far, the first model first. */
  List<Path> written() {
    return List.copyOf(written);
  }

  /**
   * Trains on one split and evaluates the best model on its test part.
   *
   * @param resume whether to go on with what the folder holds, if it holds anything
   */
  Evaluation run(Split split, RunFolder folder, boolean resume) throws IOException {
    say(
        "split     %s: %d training, %d validation, %d test clips",
        split.title(), split.train().size(), split.validation().size(), split.test().size());
    Files.createDirectories(folder.path());
    long started = System.nanoTime();
    TrainingRun run = new TrainingRun(network, origin(split), split, folder, features);
    say("features  %d training examples in %.1f s", run.examples(), secondsSince(started));
    if (resume && Files.exists(folder.checkpoint())) {
      run.resume();
      say("resumed   after epoch %d", run.history().size());
    }
    EmotionModel best = run.run(new Progress(screen, Terminal.isLive(), recipe.epochs()));
    EpochScores chosen = best.origin().validation();
    say(
        "done      %d epochs in %.0f s; epoch %d is the best on the validation part%n",
        run.history().size(), secondsSince(started), chosen.epoch());
    Evaluation evaluation =
        Evaluation.of(best, "test part of " + split.title(), synthetic, split.test(), features);
    best.with(best.origin().with(chosen, evaluation.summary())).save(folder.model());
    written.add(folder.model());
    report(folder, "report", evaluation);
    return evaluation;
  }

  /** One report over the test parts of several splits. */
  void merge(String part, List<Evaluation> evaluations, RunFolder folder) throws IOException {
    report(folder, "all-folds", Evaluation.merge(part, evaluations));
    say("UAR by fold: %s%n", percents(evaluations));
  }

  private static String percents(List<Evaluation> evaluations) {
    StringBuilder text = new StringBuilder();
    double mean = 0;
    for (Evaluation evaluation : evaluations) {
      double uar = 100 * evaluation.scores().uar();
      text.append(String.format(Locale.ROOT, "%.1f  ", uar));
      mean += uar / evaluations.size();
    }
    return text.append(String.format(Locale.ROOT, "mean %.1f %%", mean)).toString();
  }

  private void report(RunFolder folder, String name, Evaluation evaluation) throws IOException {
    screen.println(evaluation.text());
    written.addAll(folder.writeReport(name, evaluation, problems));
  }

  private EmotionModel.Origin origin(Split split) throws IOException {
    return new EmotionModel.Origin(
        SerMain.Version.text(),
        data,
        fingerprint,
        synthetic,
        split.protocol(),
        split.fold(),
        split.folds(),
        recipe,
        EpochScores.NONE,
        null);
  }

  private static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  private void say(String format, Object... values) {
    screen.println(String.format(Locale.ROOT, format, values));
  }
}
