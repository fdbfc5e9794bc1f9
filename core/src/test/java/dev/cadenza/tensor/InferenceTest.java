package dev.cadenza.tensor;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.ShapeException;
import org.junit.jupiter.api.Test;

class InferenceTest {
  private static final float[] VALUES = {1, 2, 3};

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
