package dev.cadenza.tensor;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.kernel.Threads;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.ShapeException;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InferenceTest {
  private static final float[] VALUES = {1, 2, 3};

  private final int before = Threads.count();

  @AfterEach
  void restore() {
    Threads.use(before);
  }

  @Test
  void runs_what_leads_from_the_input_to_the_result() {
    Tensor x = Tensor.zeros(3).tracked();
    Tensor weight = Tensor.of(new float[] {2, 3, 4}, 3).tracked();
    Tensor twice = weight.add(weight); // needs no input: computed once
    Tensor aside = x.exp(); // leads nowhere
    Inference inference = Inference.of(x, twice.mul(x).sub(x));
    assertThat(aside.shape()).isEqualTo(inference.output());
    assertThat(inference.run(Tensor.of(VALUES, 3)).toFloatArray()).containsExactly(3, 10, 21);
    assertThat(inference.run(Tensor.zeros(3)).toFloatArray()).containsExactly(0, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void branches_meet_with_the_same_bits_for_all_callers_on_any_number_of_threads(int threads) {
    Threads.use(threads);
    Tensor x = Tensor.zeros(70, 40).tracked();
    Inference inference = Inference.of(x, threeBranches(x));
    IntStream.range(0, 200)
        .parallel()
        .forEach(
            seed -> {
              Tensor in = random(seed);
              assertThat(inference.run(in).toFloatArray())
                  .containsExactly(threeBranches(in).toFloatArray());
            });
  }

  private static Tensor random(int seed) {
    SplittableRandom rng = new SplittableRandom(seed);
    float[] values = new float[70 * 40];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) rng.nextDouble(-1, 1);
    }
    return Tensor.of(values, 70, 40);
  }

  private static Tensor threeBranches(Tensor x) {
    Tensor left = x.exp();
    Tensor onward = left.mul(x).sum(1).reshape(70, 1); // reads its own branch and the input
    Tensor right = x.mul(2).add(1).sigmoid();
    Tensor met = onward.add(right);
    return met.mul(left).add(x.relu()).sub(x); // reads two values of one branch
  }

  @Test
  void a_failure_in_a_branch_leaves_no_workspace_open() {
    Threads.use(2);
    Tensor x = Tensor.zeros(3).tracked();
    Inference inference = Inference.of(x, x.exp().add(x.mul(2)));
    Tensor gone;
    try (Workspace step = Workspace.open()) {
      gone = Tensor.of(VALUES, 3).mul(1);
    }
    try (Workspace outer = Workspace.open()) { // its close refuses inner ones that are open
      assertThatThrownBy(() -> inference.run(gone))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("workspace that is closed");
    }
  }

  @Test
  void a_result_outlives_the_workspace_that_is_open() {
    Tensor x = Tensor.zeros(3).tracked();
    Inference inference = Inference.of(x, x.mul(2));
    Tensor y;
    try (Workspace step = Workspace.open()) {
      y = inference.run(Tensor.of(VALUES, 3));
    }
    assertThat(y.toFloatArray()).containsExactly(2, 4, 6);
  }

  @Test
  void does_not_see_what_becomes_of_a_parameter() {
    Tensor x = Tensor.zeros(3).tracked();
    Tensor weight = Tensor.of(VALUES, 3).tracked();
    Inference inference = Inference.of(x, x.mul(weight));
    weight.array().assign(Tensor.zeros(3).array());
    assertThat(inference.run(Tensor.of(VALUES, 3)).toFloatArray()).containsExactly(1, 4, 9);
  }

  @Test
  void the_input_itself_may_be_the_result() {
    Tensor x = Tensor.zeros(3).tracked();
    assertThat(Inference.of(x, x).run(Tensor.of(VALUES, 3)).toFloatArray()).containsExactly(VALUES);
  }

  @Test
  void another_shape_is_refused() {
    Tensor x = Tensor.zeros(3).tracked();
    Inference inference = Inference.of(x, x.mul(2));
    assertThatThrownBy(() -> inference.run(Tensor.zeros(4)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("inference: input needs [3], got [4]");
  }

  @Test
  void a_result_that_does_not_depend_on_the_input_is_refused() {
    Tensor x = Tensor.zeros(3).tracked();
    Tensor y = Tensor.of(VALUES, 3).tracked().mul(2);
    assertThatThrownBy(() -> Inference.of(x, y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("inference: the result does not depend on the input");
  }
}
