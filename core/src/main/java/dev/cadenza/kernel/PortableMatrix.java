package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Matrix} by BLAS through ND4J. */
final class PortableMatrix implements Matrix {
  private final Layout layout;

  PortableMatrix(Layout layout) {
    this.layout = layout;
  }

  @Override
  public Array matmul(Array a, boolean transposeA, Array b, boolean transposeB) {
    Shape out = Matrix.productShape(a, transposeA, b, transposeB);
    if (a.size() == 0 || b.size() == 0) {
      return Array.zeros(a.type(), out);
    }
    Array y = Array.uninitialized(a.type(), out);
    product(batched(a, out), transposeA, batched(b, out), transposeB, batched(y, out));
    return y;
  }

  /** As [batch, rows, columns], with the batch axes of {@code out}. */
  private INDArray batched(Array x, Shape out) {
    Shape matrix = x.shape().slice(x.shape().rank() - 2, x.shape().rank());
    Shape full = out.slice(0, out.rank() - 2).append(matrix.dims());
    Array all = full.size() == x.size() ? x : layout.broadcast(x, full);
    return all.nd(full.size() / matrix.size(), matrix.dim(0), matrix.dim(1));
  }

  /**
   * {@code y = a b} of every batch: one call, since an ND4J view costs more than a small product.
   */
  static void product(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
    Nd4j.matmul(a, b, y, transposeA, transposeB, false);
  }

  @Override
  public Array linear(Array x, Array weight, @Nullable Array bias) {
    Array y = matmul(x, false, weight, true);
    if (bias != null && y.size() > 0) {
      y.nd().addiRowVector(bias.nd());
    }
    return y;
  }
}
