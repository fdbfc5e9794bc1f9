package dev.cadenza.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.io.Safetensors;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandardizerTest {
  private static Dataset examples(Shape shape, float[]... features) {
    return new ArrayDataset(shape, List.of(features), new int[features.length]);
  }

  @Test
  void each_cell_is_estimated_by_itself() {
    Standardizer s =
        Standardizer.perCell(
            examples(
                Shape.of(1, 3),
                new float[] {1, 5, -1},
                new float[] {2, 5, 1},
                new float[] {6, 5, 0}));
    assertThat(s.mean()).containsExactly(3, 5, 0);
    // by hand: squares 4 + 1 + 9 over 3; constant; 1 + 1 + 0 over 3
    assertThat(s.deviation())
        .containsExactly((float) Math.sqrt(14 / 3.0), 1, (float) Math.sqrt(2 / 3.0));
    float[] x = {3, 7, -2};
    s.apply(x);
    assertThat(x).containsExactly(0, 2, -2 / (float) Math.sqrt(2 / 3.0));
    assertThat(s).hasToString("Standardizer([1, 3])");
  }

  @Test
  void one_mean_and_deviation_can_serve_all() {
    Standardizer s =
        Standardizer.global(examples(Shape.of(2), new float[] {0, 2}, new float[] {4, 6}));
    assertThat(s.mean()).containsExactly(3);
    assertThat(s.deviation()).containsExactly((float) Math.sqrt(5));
    float[] x = {3, 8, -2};
    s.apply(x);
    assertThat(x).containsExactly(0, 5 / (float) Math.sqrt(5), -5 / (float) Math.sqrt(5));
    assertThat(s).hasToString("Standardizer(global)");
  }

  @Test
  void a_large_mean_does_not_drown_a_small_deviation() {
    SplittableRandom rng = new SplittableRandom(1);
    List<float[]> features = new ArrayList<>();
    double sum = 0;
    for (int i = 0; i < 1000; i++) {
      features.add(new float[] {1e6f + rng.nextInt(2)}); // both exact in float32
      sum += features.get(i)[0] - 1e6;
    }
    double mean = sum / 1000;
    Standardizer s = Standardizer.perCell(new ArrayDataset(Shape.of(1), features, new int[1000]));
    // Squares in float32, or a one-pass formula, would lose all of it; here float32 rounds once.
    assertThat((double) s.deviation()[0])
        .isCloseTo(Math.sqrt(mean * (1 - mean)), within((double) Math.ulp(0.5f)));
  }

  @Test
  void standardised_examples_have_mean_0_and_deviation_1() {
    SplittableRandom rng = new SplittableRandom(2);
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      features.add(new float[] {(float) rng.nextGaussian() * 7 - 300, rng.nextInt(9)});
    }
    Dataset raw = new ArrayDataset(Shape.of(2), features, new int[50]);
    Standardizer again = Standardizer.perCell(raw.standardized(Standardizer.perCell(raw)));
    // a mean of -300 rounded to float32 is off by 1.5e-5, 2e-6 of the deviation
    assertThat(again.mean()).containsExactly(new float[] {0, 0}, within(3e-6f));
    assertThat(again.deviation()).containsExactly(new float[] {1, 1}, within(3e-6f));
  }

  @Test
  void it_goes_into_the_file_of_a_model_and_back(@TempDir Path folder) throws IOException {
    Standardizer s =
        Standardizer.perCell(
            examples(Shape.of(1, 2), new float[] {1, 5.1f}, new float[] {2.3f, -4}));
    Path path = folder.resolve("scaler.safetensors");
    Safetensors.write(path, s.tensors(), Map.of());
    Standardizer read = Standardizer.of(Safetensors.read(path).tensors());
    assertThat(read.shape()).isEqualTo(s.shape());
    assertThat(read.mean()).isEqualTo(s.mean());
    assertThat(read.deviation()).isEqualTo(s.deviation());
  }

  @Test
  void what_cannot_be_estimated_is_refused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardizer.perCell(examples(Shape.of(2))))
        .withMessage("standardizer: there is nothing to estimate from");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                Standardizer.global(
                    examples(Shape.of(2), new float[2], new float[] {0, Float.NaN})))
        .withMessage("standardizer: feature 1 of example 1 is NaN");
  }

  @Test
  void what_does_not_fit_is_refused() {
    Standardizer s = Standardizer.perCell(examples(Shape.of(2), new float[2]));
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> s.apply(new float[3]))
        .withMessage("standardizer: 3 features are not a multiple of [2]");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(() -> examples(Shape.of(2, 2), new float[4]).standardized(s))
        .withMessage("standardizer: example needs [2], got [2, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Standardizer.of(Map.of("mean", Tensor.zeros(2))))
        .withMessage("standardizer: expected 'mean' and 'deviation', got [mean]");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> Standardizer.of(Map.of("mean", Tensor.zeros(2), "deviation", Tensor.zeros(2))))
        .withMessage("standardizer: a deviation must be above 0, got 0.0");
    assertThatExceptionOfType(ShapeException.class)
        .isThrownBy(
            () -> Standardizer.of(Map.of("mean", Tensor.zeros(2), "deviation", Tensor.zeros(3))))
        .withMessage("standardizer: deviation needs [2], got [3]");
  }
}
