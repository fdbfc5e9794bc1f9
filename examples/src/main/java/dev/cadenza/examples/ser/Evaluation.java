package dev.cadenza.examples.ser;

import dev.cadenza.train.ClassificationReport;
import dev.cadenza.train.ClassificationReport.Spread;
import dev.cadenza.train.Predictions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * How well a model does on clips: what a report consists of, in text and as JSON.
 *
 * @param part which clips, in words
 * @param synthetic whether no person spoke
 * @param scores over all clips
 * @param actors how the unweighted average recall varies between the actors
 * @param clips what was said about each of them
 */
public record Evaluation(
    String part,
    boolean synthetic,
    ClassificationReport.Values scores,
    Spread actors,
    List<ClipResult> clips) {

  /** One clip: what it is and what the model takes it for. */
  public record ClipResult(
      String clip, int actor, String truth, String predicted, double probability) {}

  /** Lets a model listen to clips. */
  static Evaluation of(
      EmotionModel model, String part, boolean synthetic, List<Clip> clips, FeatureStore features)
      throws IOException {
    Predictions predictions = model.predict(features.of(clips));
    List<ClipResult> results = new ArrayList<>();
    for (int i = 0; i < clips.size(); i++) {
      int predicted = predictions.predicted()[i];
      results.add(
          new ClipResult(
              clips.get(i).name().stem(),
              clips.get(i).actor(),
              clips.get(i).name().emotion().text(),
              model.labels().get(predicted),
              predictions.probabilities()[i][predicted]));
    }
    return of(part, synthetic, model.labels(), results);
  }

  /** One evaluation over the clips of several, such as the test parts of all folds. */
  static Evaluation merge(String part, Collection<Evaluation> evaluations) {
    Evaluation first = evaluations.iterator().next();
    List<ClipResult> clips = evaluations.stream().flatMap(e -> e.clips.stream()).toList();
    return of(part, first.synthetic, first.classes(), clips);
  }

  private static Evaluation of(
      String part, boolean synthetic, List<String> classes, List<ClipResult> clips) {
    int[] truth = labels(clips, classes, ClipResult::truth);
    int[] predicted = labels(clips, classes, ClipResult::predicted);
    int[] actors = clips.stream().mapToInt(ClipResult::actor).toArray();
    return new Evaluation(
        part,
        synthetic,
        ClassificationReport.of(classes, truth, predicted).values(),
        ClassificationReport.spread(classes, truth, predicted, actors),
        clips);
  }

  private static int[] labels(
      List<ClipResult> clips, List<String> classes, Function<ClipResult, String> which) {
    return clips.stream().map(which).mapToInt(classes::indexOf).toArray();
  }

  /** Names of the classes in the order of their labels. */
  List<String> classes() {
    return scores.classes().stream().map(ClassificationReport.ClassScore::name).toList();
  }

  /** The scores in short, for the file of a model. */
  EmotionModel.TestScores summary() {
    return new EmotionModel.TestScores(
        scores.examples(), scores.accuracy(), scores.uar(), scores.macroF1());
  }

  /** What was evaluated, in words. */
  String title() {
    return (synthetic ? "synthetic speech, " : "") + part;
  }

  /** Tables of plain text: scores, classes, confusion matrix, actors. */
  String text() {
    List<String> classes = classes();
    ClassificationReport report =
        ClassificationReport.of(
            classes,
            labels(clips, classes, ClipResult::truth),
            labels(clips, classes, ClipResult::predicted));
    return title()
        + "\n\n"
        + report.toText()
        + String.format(
            Locale.ROOT,
            "%nUAR by actor: lowest %.1f %%, median %.1f %%, highest %.1f %%%n%s%n",
            100 * actors.min(),
            100 * actors.median(),
            100 * actors.max(),
            actors.uar().entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "%d: %.1f", e.getKey(), 100 * e.getValue()))
                .collect(Collectors.joining("  ")));
  }
}
