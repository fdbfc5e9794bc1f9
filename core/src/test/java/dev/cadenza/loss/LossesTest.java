package dev.cadenza.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.io.Json;
import dev.cadenza.io.Safetensors;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LossesTest {
  private static final Tensor LOGITS = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

  @TestFactory
  List<DynamicTest> crossEntropyEqualsPyTorch() throws IOException {
    Safetensors.File golden =
        Safetensors.read(Path.of("src/test/resources/golden/cross_entropy.safetensors"));
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .metadata()
        .forEach(
            (name, settings) -> {
              if (!name.equals("generator")) {
                tests.add(DynamicTest.dynamicTest(name, () -> check(golden, name, settings)));
              }
            });
    assertThat(tests).hasSize(20);
    return tests;
  }

  private static void check(Safetensors.File file, String name, String json) throws IOException {
    Map<String, ?> settings = Json.parseObject(json);
    Safetensors.File golden = file.under(name + "/");
    Tensor logits = golden.tensor("in0").tracked();
    int[] labels =
        Arrays.stream(golden.integers("labels").values()).mapToInt(Math::toIntExact).toArray();
    CrossEntropyLoss loss = CrossEntropyLoss.plain();
    if (Boolean.TRUE.equals(settings.get("class_weights"))) {
      loss = loss.classWeights(golden.tensor("weight").toDoubleArray());
    }
    if (settings.get("label_smoothing") instanceof Number eps) {
      loss = loss.labelSmoothing(eps.doubleValue());
    }
    Tensor out = loss.of(logits, labels);
    Tensor gradient = out.backward(golden.tensor("grad_out")).of(logits);
    // The loss sums at most 35 terms as large as the largest logit, each rounded once or twice. In
    // the gradient, p's error is that of log p times p: a logit far below the largest is inexact,
    // but its p is next to nothing. Rows are not summed there, only grad_out scales it.
    double unit = name.endsWith("_f64") ? Math.ulp(1.0) : Math.ulp(1f);
    double largest = Arrays.stream(logits.toDoubleArray()).map(Math::abs).max().orElse(0);
    double scale = Math.max(1, Math.abs(golden.tensor("grad_out").item()));
    assertThat(out.item())
        .isCloseTo(golden.tensor("out").item(), within(35 * unit * Math.max(1, largest)));
    assertThat(gradient.toDoubleArray())
        .usingComparatorWithPrecision(8 * unit * scale)
        .containsExactly(golden.tensor("grad_in0").toDoubleArray());
  }

  @Test
  void crossEntropyOfEqualLogitsIsTheLogarithmOfTheClasses() {
    assertThat(Losses.crossEntropy(Tensor.zeros(2, 8), 0, 7).item())
        .isCloseTo(Math.log(8), within(1e-6));
  }

  @Test
  void meanSquaredErrorEqualsTheSumByHand() {
    Tensor x = Tensor.of(new double[] {1, 2, 3}, 3).tracked();
    Tensor loss = Losses.mse(x, Tensor.of(new double[] {0, 4, 3.5}, 3));
    assertThat(loss.item()).isCloseTo((1 + 4 + 0.25) / 3, within(1e-15));
    assertThat(loss.backward().of(x).toDoubleArray())
        .containsExactly(new double[] {2 / 3.0, -4 / 3.0, -1 / 3.0}, within(1e-15));
  }

  @Test
  void shapesAreChecked() {
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
  void labelsAreChecked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Losses.crossEntropy(LOGITS, 0, 3))
        .withMessage("crossEntropy: label 3 of row 1 is outside of 0..2 (logits [2, 3])");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Losses.crossEntropy(LOGITS, -1, 0))
        .withMessage("crossEntropy: label -1 of row 0 is outside of 0..2 (logits [2, 3])");
  }

  @Test
  void settingsAreChecked() {
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
