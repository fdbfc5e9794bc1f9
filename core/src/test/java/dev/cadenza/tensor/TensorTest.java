package dev.cadenza.tensor;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.op.Add;
import dev.cadenza.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  private static Tensor leaf(float... values) {
    return Tensor.of(values, values.length).tracked();
  }

  @Test
  void a_repeated_input_gets_the_sum_of_its_gradients() {
    Tensor x = leaf(2, -3);
    assertThat(x.add(x).sum().backward().of(x)).hasValues(2, 2);
    assertThat(x.mul(x).sum().backward().of(x)).hasValues(4, -6);
    assertThat(x.sub(x).sum().backward().of(x)).hasValues(0, 0);
    assertThat(Tensor.concat(0, x, x, x).sum().backward().of(x)).hasValues(3, 3);
  }

  @Test
  void a_diamond_gets_the_sum_over_its_paths() {
    Tensor x = leaf(2, -3);
    Tensor y = x.mul(x); // y' = 2x
    Tensor left = y.mul(3);
    Tensor right = y.mul(y); // of y: 2y
    Tensor top = left.add(right).add(y); // of y: 3 + 2y + 1
    assertThat(top.sum().backward().of(x)).hasValues(2 * 2 * (4 + 8), 2 * -3 * (4 + 18));
  }

  @Test
  void many_diamonds_on_top_of_each_other_take_linear_time() {
    Tensor x = leaf(1);
    Tensor y = x;
    for (int i = 0; i < 60; i++) {
      y = y.add(y); // 2^60 paths
    }
    assertThat(y.sum().backward().of(x)).hasValues(Math.pow(2, 60));
  }

  @Test
  void a_graph_of_100000_ops_needs_no_deep_stack() {
    Tensor x = leaf(1, 2);
    Tensor y = x;
    for (int i = 0; i < 100_000; i++) {
      y = i % 2 == 0 ? y.reshape(2, 1) : y.reshape(2);
    }
    assertThat(y.sum().backward().of(x)).hasValues(1, 1);
  }

  @Test
  void a_wide_graph_adds_up() {
    Tensor x = leaf(1, 2);
    Tensor[] parts = IntStream.range(0, 1000).mapToObj(i -> x.mul(i)).toArray(Tensor[]::new);
    assertThat(Tensor.concat(0, parts).sum().backward().of(x)).hasValues(499_500, 499_500);
  }

  @Test
  void a_leaf_is_its_own_gradient_target() {
    Tensor x = leaf(5);
    assertThat(x.backward().of(x)).hasShape(1).hasValues(1);
  }

  @Test
  void a_leaf_without_influence_has_a_gradient_of_zeros() {
    Tensor x = leaf(1, 2);
    Tensor other = leaf(3, 4, 5);
    Gradients g = x.sum().backward();
    assertThat(g.reached(other)).isFalse();
    assertThat(g.of(other)).hasShape(3).hasValues(0, 0, 0);
    assertThat(g.arrayOf(other) == null).isTrue();
  }

  @Test
  void a_second_backward_gives_the_same() {
    Tensor x = leaf(1, -2, 3);
    Tensor loss = x.exp().mul(x).softmax(0).mul(x).sum();
    assertThat(loss.backward().of(x)).hasSameBitsAs(loss.backward().of(x));
  }

  @Test
  void untracked_tensors_are_not_recorded() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    assertThat(x.exp().isTracked()).isFalse();
    assertThat(x.exp().isLeaf()).isTrue();
    assertThat(leaf(1).exp().isTracked()).isTrue();
    assertThat(leaf(1).exp().isLeaf()).isFalse();
  }

  @Test
  void recording_can_be_switched_off_on_one_thread() {
    Tensor x = leaf(1, 2);
    assertThat(Tensor.withoutRecording(() -> x.exp()).isTracked()).isFalse();
    boolean elsewhere =
        Tensor.withoutRecording(
            () -> CompletableFuture.supplyAsync(() -> x.exp().isTracked()).join());
    assertThat(elsewhere).isTrue();
    assertThatThrownBy(
            () ->
                Tensor.withoutRecording(
                    () -> {
                      throw new IllegalStateException("inside");
                    }))
        .hasMessage("inside");
    assertThat(x.exp().isTracked()).isTrue();
  }

  @Test
  void a_gradient_can_start_from_any_shape() {
    Tensor x = leaf(1, 2);
    Gradients g = x.mul(3).backward(Tensor.of(new float[] {10, 100}, 2));
    assertThat(g.of(x)).hasValues(30, 300);
  }

  @Test
  void gradients_are_clipped_together() {
    Tensor a = leaf(1);
    Tensor b = leaf(1, 1);
    Gradients g = a.mul(6).sum().add(b.mul(Tensor.of(new float[] {2, 3}, 2)).sum()).backward();
    assertThat(g.norm()).isEqualTo(7); // 36 + 4 + 9
    assertThat(g.clip(7)).isSameAs(g);
    Gradients clipped = g.clip(3.5);
    assertThat(clipped.of(a)).hasValues(3);
    assertThat(clipped.of(b)).hasValues(1, 1.5);
    assertThat(clipped.norm()).isEqualTo(3.5);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void values_go_in_and_come_out(DType type) {
    Tensor x = Tensor.of(new double[] {1.5, -2, 0, 4, 5, 6}, 2, 3).cast(type);
    assertThat(x).hasShape(2, 3).hasType(type).hasValues(1.5, -2, 0, 4, 5, 6);
    assertThat(x.toFloatArray()).containsExactly(1.5f, -2, 0, 4, 5, 6);
    assertThat(x).hasToString("tensor " + type + " [2, 3]");
    assertThat(x.dim(-1)).isEqualTo(3);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void arrays_without_elements_go_through_every_method(DType type) {
    Tensor x = Tensor.of(new double[0], 0, 3).cast(type).tracked();
    List<Tensor> same =
        List.of(
            x.exp(),
            x.log(),
            x.sqrt(),
            x.tanh(),
            x.sigmoid(),
            x.relu(),
            x.gelu(),
            x.neg(),
            x.add(1),
            x.add(x),
            x.sub(x),
            x.mul(x),
            x.div(x),
            x.dropout(0.5, 1),
            x.softmax(1),
            x.logSoftmax(1));
    List<Tensor> all = new ArrayList<>(same);
    for (Tensor y : same) {
      assertThat(y).hasShape(0, 3).hasType(type);
    }
    assertThat(x.sum()).hasShape().hasValues(0);
    assertThat(x.sum(0)).hasShape(3).hasValues(0, 0, 0);
    assertThat(x.transpose(0, 1)).hasShape(3, 0);
    assertThat(x.slice(1, 1, 2)).hasShape(0, 1);
    assertThat(x.reshape(3, 0, 5)).hasShape(3, 0, 5);
    assertThat(x.matmul(x.transpose(0, 1))).hasShape(0, 0);
    assertThat(x.transpose(0, 1).matmul(x)).hasShape(3, 3).hasValues(0, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(Tensor.concat(0, x, x)).hasShape(0, 3);
    all.add(x.matmul(x.transpose(0, 1)));
    all.add(x.slice(1, 1, 2));
    for (Tensor y : all) {
      assertThat(y.sum().backward().of(x)).hasShape(0, 3);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void a_gradient_passes_where_the_value_is_not_a_number(DType type) {
    double nan = Double.NaN;
    double inf = Double.POSITIVE_INFINITY;
    Tensor x = Tensor.of(new double[] {-1, nan, 0, 2}, 1, 1, 1, 4).cast(type).tracked();
    Tensor g = Tensor.of(new double[] {inf, 3, inf, 5}, 1, 1, 1, 4).cast(type);
    assertThat(x.relu().backward(g).of(x)).hasValues(0, 3, 0, 5);
    Tensor two = Tensor.of(new double[] {nan, 7, nan, 8}, 1, 1, 1, 4).cast(type).tracked();
    Tensor pooled = two.maxPool2d(Window.of(1, 4));
    assertThat(pooled).hasValues(nan);
    assertThat(pooled.sum().backward().of(two)).hasValues(0, 0, 1, 0); // PyTorch's choice: the last
  }

  /** From the series: tanh x = x - x^3 / 3, and 1 / b has the gradient -1 / b^2. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void the_digits_of_very_small_and_large_numbers_are_kept(DType type) {
    Tensor x = Tensor.of(new double[] {1e-3, 1e-6, -1e-9, 0}, 4).cast(type);
    double[] exact = {1e-3 - 1e-9 / 3, 1e-6, -1e-9, 0};
    assertThat(x.tanh()).isCloseTo(Tensor.of(exact, 4), 0, 2 * Math.ulp(1f));
    Tensor b = Tensor.of(new double[] {1e20, 1e-15}, 2).cast(type).tracked();
    Tensor a = Tensor.of(new double[] {1e30, 1e-20}, 2).cast(type);
    assertThat(a.div(b).sum().backward().of(b))
        .isCloseTo(Tensor.of(new double[] {-1e-10, -1e10}, 2), 0, 4 * Math.ulp(1f));
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void not_a_number_is_not_lost(DType type) {
    Tensor x = Tensor.of(new double[] {1, Double.NaN, 3, 4}, 1, 1, 2, 2).cast(type);
    for (Tensor y :
        List.of(
            x.exp(),
            x.log(),
            x.sqrt(),
            x.tanh(),
            x.sigmoid(),
            x.relu(),
            x.gelu(),
            x.mul(0),
            x.add(x),
            x.softmax(2),
            x.logSoftmax(3),
            x.sum(),
            x.matmul(x),
            x.maxPool2d(Window.square(2)),
            x.dropout(0, 1))) {
      assertThat(y.toDoubleArray()).as(y.toString()).contains(Double.NaN);
    }
    Tensor one = Tensor.of(new double[] {1, 2, 3}, 3).cast(type);
    assertThat(one.mul(Double.NaN)).hasValues(Double.NaN, Double.NaN, Double.NaN);
    assertThat(one.add(Double.NaN)).hasValues(Double.NaN, Double.NaN, Double.NaN);
    assertThat(x.softmax(3))
        .isCloseTo(
            new double[] {Double.NaN, Double.NaN, softmax(3, 4), softmax(4, 3)}, 2 * Math.ulp(1f));
  }

  private static double softmax(double a, double b) {
    return 1 / (1 + Math.exp(b - a));
  }

  @Test
  void a_detached_tensor_outlives_its_workspace() {
    Tensor kept;
    try (Workspace step = Workspace.open()) {
      kept = Tensor.of(new float[] {1, 2}, 2).mul(3).detach();
    }
    try (Workspace step = Workspace.open()) {
      Tensor.of(new float[] {7, 7, 7, 7}, 4).mul(9);
      assertThat(kept).hasValues(3, 6);
    }
  }

  @Test
  void tensors_are_read_from_other_threads() {
    Tensor x = leaf(1, 2);
    assertThat(CompletableFuture.supplyAsync(() -> x.mul(2).toFloatArray()).join())
        .containsExactly(2, 4);
  }

  @Test
  void misuse_is_refused_by_message() {
    Tensor x = leaf(1, 2);
    Tensor y = x.exp();
    assertThatThrownBy(y::backward)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "backward: expected a single number, got [2]; reduce it with sum() or mean(), or pass"
                + " the gradient to start from");
    assertThatThrownBy(() -> Tensor.zeros(1).backward())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "backward: nothing was recorded; is a parameter or a tracked() tensor among the inputs,"
                + " and was the pass a training one?");
    assertThatThrownBy(() -> y.backward(Tensor.zeros(3)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("backward: expected a gradient of shape [2], got [3]");
    assertThatThrownBy(() -> y.item())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("item: expected one element, got [2]");
    assertThatThrownBy(() -> y.sum().backward().of(y))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "gradients: tensor FLOAT32 [2] is no tracked leaf, so no gradient is kept for it");
    assertThatThrownBy(() -> y.replace(x.array()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("replace: tensor FLOAT32 [2] is the value of an op");
    assertThatThrownBy(() -> x.replace(Tensor.zeros(3).array()))
        .hasMessage("replace: array needs [2], got [3]");
    assertThatThrownBy(() -> Tensor.apply(new Add(), x, x.cast(DType.FLOAT64)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Add: data types differ, FLOAT32 [2] and FLOAT64 [2]; convert one with cast()");
  }

  @Test
  void a_tensor_of_a_closed_workspace_is_refused_by_message() {
    Tensor lost;
    try (Workspace step = Workspace.open()) {
      lost = Tensor.of(new float[] {1, 2}, 2).mul(3);
    }
    assertThatThrownBy(lost::toFloatArray)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "array [2] was made in a workspace that is closed; call detach() inside the workspace"
                + " on what should outlive it");
    assertThatThrownBy(() -> lost.add(1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> CompletableFuture.supplyAsync(() -> lost.exp()).join())
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(IllegalStateException.class);
  }
}
