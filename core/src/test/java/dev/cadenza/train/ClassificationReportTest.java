package dev.cadenza.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassificationReportTest {

  /** Doubles are compared: a few operations apart from the reference, each within 1e-16. */
  private static final double EXACT = 1e-14;

  private static final List<String> CLASSES = List.of("a", "b", "c", "d", "e");

  // "d" has neither examples nor predictions, "e" has a prediction only.
  private static final int[] TRUTH = {0, 0, 0, 1, 1, 2, 2, 2, 2, 0};
  private static final int[] PREDICTED = {0, 1, 0, 1, 4, 2, 2, 0, 2, 0};

  private static ClassificationReport report() {
    return ClassificationReport.of(CLASSES, TRUTH, PREDICTED);
  }

  @Test
  void agrees_with_scikit_learn() {
    // scikit-learn 1.9: accuracy_score, balanced_accuracy_score, f1_score(average="macro"),
    // precision_recall_fscore_support
    assertThat(report().accuracy()).isCloseTo(0.7, within(EXACT));
    assertThat(report().uar()).isCloseTo(2 / 3., within(EXACT));
    assertThat(report().macroF1()).isCloseTo(0.5267857142857143, within(EXACT));
    var c = report().values().classes().get(2);
    assertThat(c.precision()).isEqualTo(1);
    assertThat(c.recall()).isEqualTo(0.75);
    assertThat(c.f1()).isCloseTo(0.8571428571428571, within(EXACT));
    assertThat(c.support()).isEqualTo(4);
  }

  @Test
  void leaves_undefined_scores_empty_and_says_which_classes_had_no_examples() {
    assertThat(report().values().classesWithoutExamples()).containsExactly("d", "e");
    assertThat(report().values().classes().get(3))
        .isEqualTo(new ClassificationReport.ClassScore("d", null, null, null, 0));
    assertThat(report().values().classes().get(4))
        .isEqualTo(new ClassificationReport.ClassScore("e", 0., null, 0., 0));
  }

  @ParameterizedTest
  @CsvSource({
    // scipy 1.17: binomtest(correct, n).proportion_ci(0.95, "wilson")
    "  7,  10, 0.39677814746114526, 0.892208732593699",
    "  0,  10, 0.0, 0.27753279986288926",
    " 10,  10, 0.7224672001371109, 1.0",
    "131, 192, 0.6134108916027297, 0.7440210863937662",
  })
  void accuracy_has_a_wilson_interval(int correct, int n, double low, double high) {
    int[] predicted = new int[n];
    Arrays.fill(predicted, correct, n, 1);
    var values = ClassificationReport.of(CLASSES, new int[n], predicted).values();
    // Commons Math and scipy find the normal quantile to about 1e-9.
    assertThat(values.accuracyLow()).isCloseTo(low, within(1e-8));
    assertThat(values.accuracyHigh()).isCloseTo(high, within(1e-8));
  }

  @Test
  void merging_folds_equals_one_report_over_all_examples() {
    int[] truth = {0, 1, 2, 3};
    int[] predicted = {0, 0, 2, 4};
    var merged =
        ClassificationReport.merge(
            List.of(report(), ClassificationReport.of(CLASSES, truth, predicted)));
    int[] allTruth = {0, 0, 0, 1, 1, 2, 2, 2, 2, 0, 0, 1, 2, 3};
    int[] allPredicted = {0, 1, 0, 1, 4, 2, 2, 0, 2, 0, 0, 0, 2, 4};
    assertThat(merged.values())
        .isEqualTo(ClassificationReport.of(CLASSES, allTruth, allPredicted).values());
  }

  @Test
  void spread_has_the_recall_of_each_group() {
    int[] groups = {7, 7, 2, 2, 9, 9, 9, 7, 2, 2};
    var spread = ClassificationReport.spread(CLASSES, TRUTH, PREDICTED, groups);
    // 2: classes a 2/2, b 1/1, c 1/1; 7: a 1/2, c 0/1; 9: b 0/1, c 2/2
    assertThat(spread.uar()).containsExactly(entry(2, 1.), entry(7, 0.25), entry(9, 0.5));
    assertThat(spread.min()).isEqualTo(0.25);
    assertThat(spread.median()).isEqualTo(0.5);
    assertThat(spread.max()).isEqualTo(1);
  }

  private static Map.Entry<Integer, Double> entry(int group, double uar) {
    return Map.entry(group, uar);
  }

  @Test
  void text_is_three_aligned_tables() {
    assertThat(report().toText())
        .isEqualTo(
            """
            accuracy  70.0 %  (95 % interval 39.7 to 89.2, 10 examples)
            UAR       66.7 %  (without classes that have no examples: d, e)
            macro F1  52.7 %

            class  precision  recall    F1  support
            a           75.0    75.0  75.0        4
            b           50.0    50.0  50.0        2
            c          100.0    75.0  85.7        4
            d              -       -     -        0
            e            0.0       -   0.0        0

            true \\ predicted  a  b  c  d  e
            a                 3  1  0  0  0
            b                 0  1  0  0  1
            c                 1  0  3  0  0
            d                 0  0  0  0  0
            e                 0  0  0  0  0
            """);
  }

  @Test
  void refuses_bad_labels() {
    assertThatThrownBy(() -> ClassificationReport.of(CLASSES, new int[2], new int[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: labels differ, truth has 2, predicted has 3");
    assertThatThrownBy(() -> ClassificationReport.of(CLASSES, new int[] {0, 5}, new int[2]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: truth[1] is 5, expected 0 to 4");
    assertThatThrownBy(() -> ClassificationReport.of(CLASSES, new int[1], new int[] {-1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: predicted[0] is -1, expected 0 to 4");
    assertThatThrownBy(() -> ClassificationReport.of(CLASSES, new int[0], new int[0]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: no examples");
  }

  @Test
  void refuses_groups_and_parts_that_do_not_match() {
    assertThatThrownBy(
            () -> ClassificationReport.spread(CLASSES, new int[2], new int[2], new int[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: labels differ, truth has 2, groups has 1");
    assertThatThrownBy(() -> ClassificationReport.merge(List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: nothing to merge");
    var other = ClassificationReport.of(List.of("x"), new int[1], new int[1]);
    assertThatThrownBy(() -> ClassificationReport.merge(List.of(report(), other)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("report: classes differ, one part has [a, b, c, d, e], another [x]");
  }
}
