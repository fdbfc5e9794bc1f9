package dev.cadenza.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.op.Ctx;
import dev.cadenza.op.Grads;
import dev.cadenza.op.Op;
import dev.cadenza.shape.Shape;
import org.junit.jupiter.api.Test;

class GradCheckTest {
  private final GradCheck check = GradCheck.seeded(42);

  /** The square of each element, with a gradient that is off by a factor. */
  private record Square(double factor) implements Op {
    @Override
    public Shape infer(Shape... in) {
      return in[0];
    }

    @Override
    public Array forward(Ctx ctx, Array... in) {
      ctx.save(in);
      return Kernels.of(in[0]).elementwise().mul(in[0], in[0]);
    }

    @Override
    public void backward(Ctx ctx, Array g, Grads grads) {
      var e = Kernels.of(g).elementwise();
      grads.add(0, () -> e.affine(e.mul(g, ctx.saved(0)), 2 * factor, 0));
    }
  }

  private static Tensor leaf(double... values) {
    return Tensor.of(values, values.length).tracked();
  }

  @Test
  void accepts_the_right_gradient() {
    check.check(new Square(1), leaf(1, -2, 3));
  }

  @Test
  void refuses_a_wrong_gradient_and_reports_both_numbers() {
    assertThatThrownBy(() -> check.check(new Square(1.5), leaf(1, -2, 3)))
        .isInstanceOf(AssertionError.class)
        .hasMessageMatching(
            "gradient of leaf 0 \\[3] along direction 0 of seed 42: backward says -?[0-9.]+,"
                + " differences say -?[0-9.]+, more than [0-9.e-]+ apart");
  }

  @Test
  void refuses_a_gradient_that_is_off_by_a_millionth() {
    assertThatThrownBy(() -> check.check(new Square(1 + 1e-6), leaf(1, -2, 3)))
        .isInstanceOf(AssertionError.class);
  }

  @Test
  void refuses_a_gradient_that_is_not_a_number() {
    assertThatThrownBy(() -> check.check(new Square(Double.NaN), leaf(1, -2, 3)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("backward says NaN");
  }

  @Test
  void names_the_leaf_that_is_wrong() {
    Tensor a = leaf(1, -2, 3);
    Tensor b = leaf(0.5, 2);
    assertThatThrownBy(
            () -> check.check(() -> a.sum().add(Tensor.apply(new Square(2), b).sum()), a, b))
        .isInstanceOf(AssertionError.class)
        .hasMessageStartingWith("gradient of leaf 1 [2] along");
  }

  @Test
  void restores_the_leaves() {
    Tensor a = leaf(1, -2, 3);
    Array before = a.array();
    check.check(() -> a.mul(a), a);
    assertThat(a.array()).isSameAs(before);
    assertThat(a.toDoubleArray()).containsExactly(1, -2, 3);
  }

  @Test
  void accepts_a_leaf_without_influence() {
    Tensor a = leaf(1, -2, 3);
    Tensor b = leaf(4);
    check.check(() -> a.mul(a), a, b);
  }

  @Test
  void refuses_leaves_that_it_cannot_differentiate() {
    Tensor single = Tensor.zeros(2).tracked();
    assertThatThrownBy(() -> check.check(single::exp, single))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gradCheck: expected a tracked float64 leaf, got tensor FLOAT32 [2]");
    Tensor untracked = single.cast(DType.FLOAT64);
    assertThatThrownBy(() -> check.check(untracked::exp, untracked))
        .hasMessage("gradCheck: expected a tracked float64 leaf, got tensor FLOAT64 [2]");
    Tensor value = leaf(1).exp();
    assertThatThrownBy(() -> check.check(value::exp, value))
        .hasMessage("gradCheck: expected a tracked float64 leaf, got tensor FLOAT64 [1]");
    assertThatThrownBy(() -> check.directions(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("gradCheck: expected at least one direction, got 0");
  }
}
