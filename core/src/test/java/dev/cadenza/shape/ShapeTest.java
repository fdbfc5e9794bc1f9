package dev.cadenza.shape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
  private static final Shape SHAPE = Shape.of(2, 3, 5, 7);

  @Test
  void sizes_are_counted_from_both_ends() {
    assertThat(SHAPE.rank()).isEqualTo(4);
    assertThat(SHAPE.size()).isEqualTo(210);
    assertThat(SHAPE.dim(0)).isEqualTo(2);
    assertThat(SHAPE.dim(-1)).isEqualTo(7);
    assertThat(SHAPE.axis(-4)).isZero();
    assertThat(SHAPE.size(1, 3)).isEqualTo(15);
    assertThat(SHAPE.size(2, 2)).isEqualTo(1);
    assertThat(SHAPE.strides()).containsExactly(105, 35, 7, 1);
    assertThat(SHAPE.longDims()).containsExactly(2, 3, 5, 7);
  }

  @Test
  void a_scalar_has_one_element_and_an_empty_shape_none() {
    assertThat(Shape.scalar().size()).isEqualTo(1);
    assertThat(Shape.scalar().rank()).isZero();
    assertThat(Shape.of()).isEqualTo(Shape.scalar());
    assertThat(Shape.of(3, 0, 5).size()).isZero();
  }

  @Test
  void a_shape_is_immutable() {
    int[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;
    assertThat(shape).isEqualTo(Shape.of(2, 3));
  }

  @Test
  void shapes_are_taken_apart_and_put_together() {
    assertThat(SHAPE.with(-2, 9)).isEqualTo(Shape.of(2, 3, 9, 7));
    assertThat(SHAPE.slice(1, 3)).isEqualTo(Shape.of(3, 5));
    assertThat(SHAPE.slice(1, 1)).isEqualTo(Shape.scalar());
    assertThat(Shape.of(2).append(3, 4)).isEqualTo(Shape.of(2, 3, 4));
    assertThat(SHAPE.permute(3, -4, 2, 1)).isEqualTo(Shape.of(7, 2, 5, 3));
  }

  @Test
  void equality_is_by_sizes() {
    assertThat(Shape.of(2, 3)).isEqualTo(Shape.of(2, 3)).hasSameHashCodeAs(Shape.of(2, 3));
    assertThat(Shape.of(2, 3)).isNotEqualTo(Shape.of(3, 2)).isNotEqualTo(Shape.of(2, 3, 1));
    assertThat(SHAPE).hasToString("[2, 3, 5, 7]");
    assertThat(Shape.scalar()).hasToString("[]");
  }

  @Test
  void sizes_of_1_and_missing_axes_stretch() {
    assertThat(Shape.broadcast("add", Shape.of(2, 1, 5), Shape.of(3, 1)))
        .isEqualTo(Shape.of(2, 3, 5));
    assertThat(Shape.broadcast("add", Shape.scalar(), Shape.of(3))).isEqualTo(Shape.of(3));
    assertThat(Shape.broadcast("add", Shape.of(1), Shape.of(0))).isEqualTo(Shape.of(0));
  }

  @Test
  void what_is_no_shape_is_refused_by_message() {
    assertThatThrownBy(() -> Shape.of(2, -1))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape: sizes must not be negative, got [2, -1]");
    assertThatThrownBy(() -> Shape.of(65536, 65536))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape: [65536, 65536] has more than 2147483647 elements");
    assertThatThrownBy(() -> SHAPE.dim(4)).hasMessage("axis 4 is outside of [2, 3, 5, 7]");
    assertThatThrownBy(() -> SHAPE.dim(-5)).hasMessage("axis -5 is outside of [2, 3, 5, 7]");
    assertThatThrownBy(() -> SHAPE.permute(0, 1, 2, -2))
        .hasMessage("permute: [0, 1, 2, -2] is not an order of the axes of [2, 3, 5, 7]");
    assertThatThrownBy(() -> Shape.broadcast("mul", Shape.of(2, 3), Shape.of(2)))
        .hasMessage("mul: sizes differ, a has 3, b has 2 (a [2, 3], b [2])");
    assertThat(new ShapeException("x")).isInstanceOf(IllegalArgumentException.class);
  }
}
