package dev.cadenza.kernel;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class ArrayTest {
  @ParameterizedTest
  @EnumSource(DType.class)
  void copies_what_it_is_made_of(DType type) {
    double[] values = {1, 2, 3, 4, 5, 6};
    Array a = Array.of(values, Shape.of(2, 3)).cast(type);
    values[0] = 9;
    assertThat(a).hasShape(2, 3).hasType(type).hasValues(1, 2, 3, 4, 5, 6);
    float[] floats = a.toFloatArray();
    floats[0] = 9;
    assertThat(a.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void is_filled_cast_and_copied(DType type) {
    assertThat(Array.zeros(type, Shape.of(2))).hasType(type).hasValues(0, 0);
    Array a = Array.full(type, Shape.of(2), 0.1);
    assertThat(a.cast(type)).hasSameBitsAs(Tensor.of(a));
    assertThat(a.cast(DType.FLOAT32).cast(DType.FLOAT64)).hasValues(0.1f, 0.1f);
    Array copy = a.copy();
    a.assign(Array.full(type, Shape.of(2), 7));
    assertThat(a).hasValues(7, 7);
    assertThat(copy.toFloatArray()).containsOnly(0.1f);
    assertThat(Array.full(type, Shape.of(0), 3)).hasShape(0);
    assertThat(Array.full(type, Shape.scalar(), 3)).hasShape().hasValues(3);
    assertThat(a.toString()).isEqualTo(type + " [2]");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void a_reshaped_array_shares_its_numbers(DType type) {
    Array a = Array.of(new double[] {1, 2, 3, 4, 5, 6}, Shape.of(2, 3)).cast(type);
    Array b = a.reshape(Shape.of(3, 2));
    a.assign(Array.full(type, Shape.of(2, 3), 8));
    assertThat(b).hasShape(3, 2).hasValues(8, 8, 8, 8, 8, 8);
  }

  @Test
  void numbers_of_nd4j_are_taken_in_row_major_order() {
    INDArray rows = Nd4j.createFromArray(1f, 2, 3, 4, 5, 6).reshape('c', 2, 3);
    assertThat(Array.wrap(rows, Shape.of(2, 3))).hasValues(1, 2, 3, 4, 5, 6);
    assertThat(Array.wrap(rows.transpose(), Shape.of(3, 2))).hasValues(1, 4, 2, 5, 3, 6);
    assertThat(Array.wrap(rows.dup('f'), Shape.of(2, 3))).hasValues(1, 2, 3, 4, 5, 6);
    INDArray column = rows.get(NDArrayIndex.all(), NDArrayIndex.interval(1, 3));
    assertThat(Array.wrap(column, Shape.of(2, 2))).hasValues(2, 3, 5, 6);
    assertThat(Array.wrap(rows.get(NDArrayIndex.point(1)), Shape.of(3))).hasValues(4, 5, 6);
    assertThat(Array.wrap(Nd4j.scalar(7f), Shape.scalar())).hasShape().hasValues(7);
  }

  @Test
  void a_part_of_the_numbers_is_read_and_written() {
    Array a = Array.of(new float[] {1, 2, 3, 4, 5}, Shape.of(5));
    float[] three = new float[4];
    a.read(1, three, 1, 3);
    assertThat(three).containsExactly(0, 2, 3, 4);
    a.write(3, new float[] {7, 8, 9}, 1, 2);
    assertThat(a).hasValues(1, 2, 3, 8, 9);
    a.read(0, new float[0], 0, 0);
  }

  @Test
  void sizes_that_do_not_fit_are_refused_by_message() {
    assertThatThrownBy(() -> Array.of(new float[5], Shape.of(2, 3)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("array: 5 values do not fill [2, 3], which has 6 elements");
    assertThatThrownBy(() -> Array.of(new double[7], Shape.of(2, 3)))
        .hasMessage("array: 7 values do not fill [2, 3], which has 6 elements");
    assertThatThrownBy(() -> Array.zeros(DType.FLOAT32, Shape.of(4)).reshape(Shape.of(2, 3)))
        .hasMessage("array: 4 values do not fill [2, 3], which has 6 elements");
    assertThatThrownBy(() -> Array.wrap(Nd4j.createFromArray(1, 2), Shape.of(2)).type())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("array: ND4J type INT is not FLOAT or DOUBLE");
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void small_arrays_share_memory_but_no_numbers(DType type) {
    List<Array> all = new ArrayList<>();
    for (int i = 0; i < 5000; i++) { // more than one block
      all.add(Array.full(type, Shape.of(2, 1, 1 + i % 7), i));
    }
    for (int i = 0; i < all.size(); i++) {
      Array a = all.get(i);
      Layout layout = Kernels.of(a).layout();
      Array half = layout.slice(a, 0, 1, 2);
      assertThat(a.toDoubleArray()).containsOnly(i);
      assertThat(half.toDoubleArray()).hasSize(1 + i % 7).containsOnly(i);
      assertThat(layout.pad(half, a.shape(), 0, 1).toDoubleArray()).contains(0, i);
    }
  }
}
