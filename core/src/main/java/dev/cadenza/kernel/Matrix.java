package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Matrix products. */
public interface Matrix {
  /**
   * {@code a [.., M, K] x b [.., K, N] -> [.., M, N]}; an operand marked as transposed is stored
   * with its last two axes exchanged. Leading axes broadcast.
   */
  Array matmul(Array a, boolean transposeA, Array b, boolean transposeB);

  /** {@code x [rows, in], weight [out, in], bias [out] -> x weight^T + bias [rows, out]}. */
  Array linear(Array x, Array weight, @Nullable Array bias);

  /** {@link #linear(Array, Array, Array)} as a function of x, the weight laid out once. */
  default UnaryOperator<Array> linear(Array weight, @Nullable Array bias) {
    return x -> linear(x, weight, bias);
  }

  /** Gradients of {@link #linear(Array, Array, Array)}, null where they were not asked for. */
  record LinearGradients(@Nullable Array x, Array weight, @Nullable Array bias) {}

  /** The gradients of {@link #linear(Array, Array, Array)} by that of its result, g [rows, out]. */
  default LinearGradients linearGradient(
      Array x, Array weight, Array g, boolean inputToo, boolean biasToo) {
    return new LinearGradients(
        inputToo ? matmul(g, false, weight, false) : null,
        matmul(g, true, x, false),
        biasToo ? Kernels.of(g).elementwise().sum(g, 0).reshape(g.shape().slice(1, 2)) : null);
  }

  /** The shape of {@link #matmul}'s result. */
  static Shape productShape(Array a, boolean transposeA, Array b, boolean transposeB) {
    Shape sa = a.shape();
    Shape sb = b.shape();
    return Shape.broadcast("matmul", sa.slice(0, sa.rank() - 2), sb.slice(0, sb.rank() - 2))
        .append(sa.dim(transposeA ? -1 : -2), sb.dim(transposeB ? -2 : -1));
  }
}
