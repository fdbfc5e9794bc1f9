package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link Elementwise} by ND4J operations. */
final class PortableElementwise implements Elementwise {
  @Override
  public Array add(Array a, Array b) {
    return binary(a, b, INDArray::add);
  }

  @Override
  public Array sub(Array a, Array b) {
    return binary(a, b, INDArray::sub);
  }

  @Override
  public Array mul(Array a, Array b) {
    return binary(a, b, INDArray::mul);
  }

  @Override
  public Array div(Array a, Array b) {
    return binary(a, b, INDArray::div);
  }

  private static Array binary(Array a, Array b, BinaryOperator<INDArray> f) {
    Shape out = Shape.broadcast("elementwise", a.shape(), b.shape());
    if (out.size() == 0) {
      return Array.uninitialized(a.type(), out);
    }
    return Array.wrap(f.apply(aligned(a, out), aligned(b, out)), out);
  }

  /** With leading axes of size 1 up to the rank of {@code out}: how ND4J wants to broadcast. */
  private static INDArray aligned(Array a, Shape out) {
    int[] dims = new int[Math.max(1, out.rank())];
    for (int i = 1; i <= dims.length; i++) {
      dims[dims.length - i] = i <= a.shape().rank() ? a.shape().dim(-i) : 1;
    }
    return a.nd(dims);
  }

  @Override
  public Array affine(Array x, double scale, double shift) {
    if (Double.isNaN(scale) || Double.isNaN(shift)) {
      return Array.full(x.type(), x.shape(), Double.NaN); // ND4J would take 1e-5 for a scalar NaN
    }
    Array y = x.copy();
    if (y.size() > 0) {
      if (scale != 1) {
        y.nd().muli(scale);
      }
      if (shift != 0) {
        y.nd().addi(shift);
      }
    }
    return y;
  }

  @Override
  public Array exp(Array x) {
    return unary(x, nd -> Transforms.exp(nd, true));
  }

  @Override
  public Array log(Array x) {
    return unary(x, nd -> Transforms.log(nd, true));
  }

  @Override
  public Array sqrt(Array x) {
    return unary(x, nd -> Transforms.sqrt(nd, true));
  }

  @Override
  public Array tanh(Array x) {
    // ND4J's float32 loses half of the digits of a small x.
    return unary(x.cast(DType.FLOAT64), nd -> Transforms.tanh(nd, true)).cast(x.type());
  }

  @Override
  public Array sigmoid(Array x) {
    return unary(x, nd -> Transforms.sigmoid(nd, true));
  }

  @Override
  public Array erf(Array x) {
    return unary(x, nd -> Nd4j.getExecutioner().exec(new Erf(nd, nd.dup())));
  }

  @Override
  public Array relu(Array x) {
    return unary(x, nd -> Transforms.relu(nd, true)); // max(nd, 0) would lose NaN
  }

  private static Array unary(Array x, UnaryOperator<INDArray> f) {
    return x.size() == 0 ? x : Array.wrap(f.apply(x.nd()), x.shape());
  }

  @Override
  public Array reluGradient(Array y, Array g) {
    double[] value = y.toDoubleArray();
    double[] gx = g.toDoubleArray();
    for (int i = 0; i < gx.length; i++) {
      if (value[i] <= 0) { // not a factor of 0, which would make infinity NaN
        gx[i] = 0;
      }
    }
    return Array.of(gx, g.shape()).cast(g.type());
  }

  @Override
  public Array dropout(Array x, double p, long seed) {
    if (x.size() == 0) {
      return x;
    }
    Array mask = Array.of(DropoutMask.factors(x.shape(), p, seed), x.shape()).cast(x.type());
    mask.nd().muli(x.nd());
    return mask;
  }

  @Override
  public Array sum(Array x, int... axes) {
    Shape out = x.shape();
    for (int axis : axes) {
      out = out.with(axis, 1);
    }
    if (axes.length == 0 || x.size() == 0) {
      return x.size() == 0 ? Array.zeros(x.type(), out) : x;
    }
    // ND4J adds one by one: in float32 rounding would grow with the number of terms.
    return Array.wrap(x.cast(DType.FLOAT64).nd().sum(true, axes), out).cast(x.type());
  }
}
