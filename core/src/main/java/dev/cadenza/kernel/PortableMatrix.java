package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

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
    INDArray as = batched(a, out);
    INDArray bs = batched(b, out);
    INDArray ys = batched(y, out);
    for (int i = 0; i < ys.size(0); i++) {
      gemm(at(as, i), transposeA, at(bs, i), transposeB, at(ys, i));
    }
    return y;
  }

  /** As [batch, rows, columns], with the batch axes of {@code out}. */
  private INDArray batched(Array x, Shape out) {
    Shape matrix = x.shape().slice(x.shape().rank() - 2, x.shape().rank());
    Shape full = out.slice(0, out.rank() - 2).append(matrix.dims());
    Array all = full.size() == x.size() ? x : layout.broadcast(x, full);
    return all.nd(full.size() / matrix.size(), matrix.dim(0), matrix.dim(1));
  }

  static INDArray at(INDArray matrices, int i) {
    return matrices.get(NDArrayIndex.point(i), NDArrayIndex.all(), NDArrayIndex.all());
  }

  /**
   * {@code y = a b} for row-major matrices. BLAS writes column-major results, so the transposed
   * product {@code y^T = b^T a^T} is computed: a row-major matrix is its own transpose,
   * column-major.
   */
  static void gemm(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y) {
    Nd4j.gemm(b.transpose(), a.transpose(), y.transpose(), transposeB, transposeA, 1.0, 0.0);
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
