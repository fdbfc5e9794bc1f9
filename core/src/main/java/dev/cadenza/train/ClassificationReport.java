package dev.cadenza.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.math3.stat.descriptive.DescriptiveStatistics;
import org.apache.commons.math3.stat.interval.ConfidenceInterval;
import org.apache.commons.math3.stat.interval.WilsonScoreInterval;
import org.jspecify.annotations.Nullable;

/**
 * How well predicted classes agree with the true ones.
 *
 * <p>Immutable. Made from labels by {@link #of}; the reports of cross-validation folds add up to
 * one by {@link #merge}. Fractions are within 0 and 1; only {@link #toText()} speaks in percent.
 */
public final class ClassificationReport {

  private static final double CONFIDENCE = 0.95;

  private final Values values;

  private ClassificationReport(List<String> classes, int[][] confusion) {
    this.values = score(List.copyOf(classes), confusion);
  }

  /**
   * Everything that was counted and computed, ready to be written as JSON.
   *
   * @param examples number of predictions, N
   * @param accuracy fraction of correct predictions
   * @param accuracyLow lower end of the 95 % Wilson score interval of the accuracy
   * @param accuracyHigh upper end of that interval
   * @param uar unweighted average recall, the mean recall of all classes that have examples (the
   *     balanced accuracy of scikit-learn)
   * @param macroF1 mean F1 of all classes that have examples or predictions (as in scikit-learn)
   * @param classesWithoutExamples what {@code uar} leaves out
   * @param classes scores by class
   * @param confusion [K, K] counts, one row a true class, one column a predicted class
   */
  public record Values(
      int examples,
      double accuracy,
      double accuracyLow,
      double accuracyHigh,
      double uar,
      double macroF1,
      List<String> classesWithoutExamples,
      List<ClassScore> classes,
      List<List<Integer>> confusion) {}

  /**
   * The scores of one class; a ratio with nothing below the line is null.
   *
   * @param name the class
   * @param precision fraction of its predictions that are right; null if it was never predicted
   * @param recall fraction of its examples that were found; null if it has no examples
   * @param f1 harmonic mean of both; null if it has neither examples nor predictions
   * @param support number of its examples
   */
  public record ClassScore(
      String name,
      @Nullable Double precision,
      @Nullable Double recall,
      @Nullable Double f1,
      int support) {}

  /**
   * How a score varies between groups of examples, such as speakers.
   *
   * @param min lowest unweighted average recall of a group
   * @param median the middle one
   * @param max highest one
   * @param uar unweighted average recall by group
   */
  public record Spread(double min, double median, double max, SortedMap<Integer, Double> uar) {}

  /**
   * Compares labels.
   *
   * @param classes names of the K classes, in the order of their labels
   * @param truth [N] true labels, 0 to K-1
   * @param predicted [N] predicted labels, 0 to K-1
   * @throws IllegalArgumentException if there are no labels, their numbers differ or one is out of
   *     range
   */
  public static ClassificationReport of(List<String> classes, int[] truth, int[] predicted) {
    if (truth.length != predicted.length) {
      throw new IllegalArgumentException(
          "report: labels differ, truth has "
              + truth.length
              + ", predicted has "
              + predicted.length);
    }
    int[][] confusion = new int[classes.size()][classes.size()];
    for (int i = 0; i < truth.length; i++) {
      confusion[checked("truth", truth, i, classes)][checked("predicted", predicted, i, classes)]++;
    }
    return new ClassificationReport(classes, confusion);
  }

  /**
   * One report over the examples of several, such as the folds of a cross-validation.
   *
   * @throws IllegalArgumentException if there is none, or their classes differ
   */
  public static ClassificationReport merge(Collection<ClassificationReport> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("report: nothing to merge");
    }
    List<String> classes = parts.iterator().next().classes();
    int[][] sum = new int[classes.size()][classes.size()];
    for (ClassificationReport part : parts) {
      if (!part.classes().equals(classes)) {
        throw new IllegalArgumentException(
            "report: classes differ, one part has " + classes + ", another " + part.classes());
      }
      for (int i = 0; i < sum.length; i++) {
        for (int j = 0; j < sum.length; j++) {
          sum[i][j] += part.values.confusion.get(i).get(j);
        }
      }
    }
    return new ClassificationReport(classes, sum);
  }

  /**
   * The unweighted average recall of each group on its own.
   *
   * @param classes names of the K classes
   * @param truth [N] true labels
   * @param predicted [N] predicted labels
   * @param groups [N] the group of each example, such as the number of its speaker
   */
  public static Spread spread(List<String> classes, int[] truth, int[] predicted, int[] groups) {
    if (truth.length != groups.length) {
      throw new IllegalArgumentException(
          "report: labels differ, truth has " + truth.length + ", groups has " + groups.length);
    }
    SortedMap<Integer, Double> uar = new TreeMap<>();
    for (int group : groups) {
      uar.computeIfAbsent(
          group,
          g -> {
            int[] members = IntStream.range(0, groups.length).filter(i -> groups[i] == g).toArray();
            return of(classes, pick(truth, members), pick(predicted, members)).uar();
          });
    }
    DescriptiveStatistics all = new DescriptiveStatistics();
    uar.values().forEach(all::addValue);
    return new Spread(all.getMin(), all.getPercentile(50), all.getMax(), uar);
  }

  /** Everything that was counted and computed. */
  public Values values() {
    return values;
  }

  /** Fraction of correct predictions. */
  public double accuracy() {
    return values.accuracy;
  }

  /** Unweighted average recall: the mean recall of the classes that have examples. */
  public double uar() {
    return values.uar;
  }

  /** Mean F1 of the classes that have examples or predictions. */
  public double macroF1() {
    return values.macroF1;
  }

  /** Names of the classes in the order of their labels. */
  public List<String> classes() {
    return values.classes.stream().map(ClassScore::name).toList();
  }

  /** Three tables of plain text, in percent: the scores, the classes, the confusion matrix. */
  public String toText() {
    return scoreTable() + "\n" + classTable() + "\n" + confusionTable();
  }

  private static int[] pick(int[] from, int[] indices) {
    return Arrays.stream(indices).map(i -> from[i]).toArray();
  }

  private static int checked(String what, int[] labels, int i, List<String> classes) {
    if (labels[i] < 0 || labels[i] >= classes.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "report: %s[%d] is %d, expected 0 to %d",
              what,
              i,
              labels[i],
              classes.size() - 1));
    }
    return labels[i];
  }

  private static Values score(List<String> names, int[][] confusion) {
    int examples = 0;
    int correct = 0;
    List<ClassScore> classes = new ArrayList<>();
    for (int k = 0; k < names.size(); k++) {
      int hits = confusion[k][k];
      int support = Arrays.stream(confusion[k]).sum();
      int column = k;
      int predictions = Arrays.stream(confusion).mapToInt(row -> row[column]).sum();
      classes.add(
          new ClassScore(
              names.get(k),
              ratio(hits, predictions),
              ratio(hits, support),
              ratio(2 * hits, support + predictions),
              support));
      examples += support;
      correct += hits;
    }
    if (examples == 0) {
      throw new IllegalArgumentException("report: no examples");
    }
    ConfidenceInterval interval =
        new WilsonScoreInterval().createInterval(examples, correct, CONFIDENCE);
    return new Values(
        examples,
        (double) correct / examples,
        Math.max(0, interval.getLowerBound()),
        Math.min(1, interval.getUpperBound()),
        mean(classes.stream().filter(c -> c.recall != null).toList(), c -> c.recall),
        mean(classes.stream().filter(c -> c.f1 != null).toList(), c -> c.f1),
        classes.stream().filter(c -> c.support == 0).map(ClassScore::name).toList(),
        List.copyOf(classes),
        Arrays.stream(confusion).map(row -> Arrays.stream(row).boxed().toList()).toList());
  }

  private static @Nullable Double ratio(int part, int whole) {
    return whole == 0 ? null : (double) part / whole;
  }

  private static double mean(List<ClassScore> classes, ToDoubleFunction<ClassScore> score) {
    return classes.stream().mapToDouble(score).average().orElseThrow();
  }

  private String scoreTable() {
    String missing = String.join(", ", values.classesWithoutExamples);
    return String.format(
        Locale.ROOT,
        """
        accuracy %5.1f %%  (95 %% interval %.1f to %.1f, %d examples)
        UAR      %5.1f %%%s
        macro F1 %5.1f %%
        """,
        100 * values.accuracy,
        100 * values.accuracyLow,
        100 * values.accuracyHigh,
        values.examples,
        100 * values.uar,
        missing.isEmpty() ? "" : "  (without classes that have no examples: " + missing + ")",
        100 * values.macroF1);
  }

  private String classTable() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("class", "precision", "recall", "F1", "support"));
    for (ClassScore c : values.classes) {
      rows.add(
          List.of(
              c.name,
              percent(c.precision),
              percent(c.recall),
              percent(c.f1),
              Integer.toString(c.support)));
    }
    return table(rows);
  }

  private String confusionTable() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("true \\ predicted", classes()));
    for (int k = 0; k < values.confusion.size(); k++) {
      rows.add(row(values.classes.get(k).name, values.confusion.get(k)));
    }
    return table(rows);
  }

  private static List<String> row(String head, List<?> cells) {
    return Stream.concat(Stream.of(head), cells.stream().map(Object::toString)).toList();
  }

  private static String percent(@Nullable Double fraction) {
    return fraction == null ? "-" : String.format(Locale.ROOT, "%.1f", 100 * fraction);
  }

  /** Aligns columns by blanks: the first to the left, the others to the right. */
  private static String table(List<List<String>> rows) {
    int[] widths =
        IntStream.range(0, rows.get(0).size())
            .map(column -> rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0))
            .toArray();
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      text.append(row.get(0)).append(" ".repeat(widths[0] - row.get(0).length()));
      for (int i = 1; i < widths.length; i++) {
        text.append(" ".repeat(2 + widths[i] - row.get(i).length())).append(row.get(i));
      }
      text.append('\n');
    }
    return text.toString();
  }
}
