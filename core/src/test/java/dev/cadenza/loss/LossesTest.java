package dev.cadenza.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Golden;
import dev.cadenza.testing.Rounding;
import dev.cadenza.testing.TensorAssert;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LossesTest {
  private static final Tensor LOGITS = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

  static List<Golden.Case> cases() {
    return Golden.open("cross_entropy").cases();
  }

  @Test
  void every_golden_case_is_used() {
    assertThat(cases()).hasSize(20);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cross_entropy_equals_pytorch(Golden.Case c) {
    Tensor logits = c.tensor("in0").tracked();
    int[] labels = Arrays.stream(c.values("labels")).mapToInt(label -> (int) label).toArray();
    CrossEntropyLoss loss = CrossEntropyLoss.plain().labelSmoothing(c.number("label_smoothing"));
    if (c.flag("class_weights")) {
      loss = loss.classWeights(c.values("weight"));
    }
    Tensor out = loss.of(logits, labels);
    // The loss sums at most 35 terms as large as the largest logit, each rounded once or twice. In
    // the gradient, p's error is that of log p times p: a logit far below the largest is inexact,
    // but its p is next to nothing. Rows are not summed there, only grad_out scales it.
    double ulp = Rounding.ulp(c.type());
    Tensor start = c.tensor("grad_out");
    TensorAssert.assertThat(out.detach())
        .isCloseTo(c.tensor("out"), 35 * ulp * Rounding.size(logits));
    TensorAssert.assertThat(out.backward(start).of(logits))
        .isCloseTo(c.tensor("grad_in0"), 8 * ulp * Rounding.size(start));
  }

  @Test
  void cross_entropy_of_equal_logits_is_the_logarithm_of_the_classes() {
    assertThat(Losses.crossEntropy(Tensor.zeros(2, 8), 0, 7).item())
        .isCloseTo(Math.log(8), within(1e-6));
  }

  @Test
  void cross_entropy_ignores_a_class_that_is_ruled_out() {
    float out = Float.NEGATIVE_INFINITY;
    Tensor logits = Tensor.of(new float[] {0, out, 0, out, 5, out}, 2, 3).tracked();
    Tensor loss = Losses.crossEntropy(logits, 2, 1);
    assertThat(loss.item()).isCloseTo(Math.log(2) / 2, within(1e-7)); // log 2 and 0
    TensorAssert.assertThat(loss.backward().of(logits)).hasValues(0.25, 0, -0.25, 0, 0, 0);
    assertThat(Losses.crossEntropy(logits, 1, 1).item()).isInfinite().isPositive();
  }

  @Test
  void mean_squared_error_equals_the_sum_by_hand() {
    Tensor x = Tensor.of(new double[] {1, 2, 3}, 3).tracked();
    Tensor loss = Losses.mse(x, Tensor.of(new double[] {0, 4, 3.5}, 3));
    assertThat(loss.item()).isCloseTo((1 + 4 + 0.25) / 3, within(1e-15));
    assertThat(loss.backward().of(x).toDoubleArray())
        .containsExactly(new double[] {2 / 3.0, -4 / 3.0, -1 / 3.0}, within(1e-15));
  }

  @Test
  void shapes_are_checked() {
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> Losses.crossEntropy(Tensor.zeros(3), 0))
        .withMessage("crossEntropy: logits needs [N, K], got [3]");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> Losses.crossEntropy(LOGITS, 0, 1, 2))
        .withMessage(
            "crossEntropy: rows differ, logits has 2, labels has 3 (logits [2, 3], labels [3])");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> CrossEntropyLoss.plain().classWeights(1, 2).of(LOGITS, 0, 1))
        .withMessage(
            "crossEntropy: classes differ, logits has 3, classWeights has 2 (logits [2, 3],"
                + " classWeights [2])");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> Losses.mse(LOGITS, Tensor.zeros(3)))
        .withMessage("mse: target needs [2, 3], got [3]");
  }

  @Test
  void labels_are_checked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Losses.crossEntropy(LOGITS, 0, 3))
        .withMessage("crossEntropy: label 3 of row 1 is outside of 0..2 (logits [2, 3])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Losses.crossEntropy(LOGITS, -1, 0))
        .withMessage("crossEntropy: label -1 of row 0 is outside of 0..2 (logits [2, 3])");
  }

  @Test
  void settings_are_checked() {
    CrossEntropyLoss plain = CrossEntropyLoss.plain();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.labelSmoothing(1.5))
        .withMessage("crossEntropy: labelSmoothing=1.5 must be in [0, 1]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.classWeights(1, Double.NaN))
        .withMessage("crossEntropy: class weights must be finite and not negative, got [1.0, NaN]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> plain.classWeights(0, 0, 1).of(LOGITS, 0, 1))
        .withMessage(
            "crossEntropy: there is no mean over rows whose weights sum to 0 (logits [2, 3])");
  }
}
