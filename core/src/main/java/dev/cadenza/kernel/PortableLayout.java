package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** {@link Layout} by ND4J views. */
final class PortableLayout implements Layout {
  @Override
  public Array permute(Array x, int... order) {
    Shape out = x.shape().permute(order);
    if (x.size() == 0 || order.length < 2) {
      return x.reshape(out);
    }
    return Array.wrap(x.nd().permute(order).dup('c'), out);
  }

  @Override
  public Array broadcast(Array x, Shape shape) {
    Array y = Array.zeros(x.type(), shape);
    if (y.size() > 0) {
      int[] dims = new int[shape.rank()];
      for (int i = 1; i <= dims.length; i++) {
        dims[dims.length - i] = i <= x.shape().rank() ? x.shape().dim(-i) : 1;
      }
      y.nd().addi(x.nd(dims));
    }
    return y;
  }

  @Override
  public Array concat(List<Array> parts, int axis) {
    List<Array> full = parts.stream().filter(p -> p.size() > 0).toList();
    int length = parts.stream().mapToInt(p -> p.shape().dim(axis)).sum();
    Shape out = parts.get(0).shape().with(axis, length);
    if (full.isEmpty()) {
      return Array.uninitialized(parts.get(0).type(), out);
    }
    INDArray[] arrays = full.stream().map(Array::nd).toArray(INDArray[]::new);
    return Array.wrap(Nd4j.concat(axis, arrays), out);
  }

  @Override
  public Array slice(Array x, int axis, int from, int to) {
    Shape out = x.shape().with(axis, to - from);
    if (out.size() == 0) {
      return Array.uninitialized(x.type(), out);
    }
    return Array.wrap(PortableMatrix.range(x.nd(), axis, from, to).dup('c'), out);
  }

  @Override
  public Array pad(Array g, Shape shape, int axis, int from) {
    Array out = Array.zeros(g.type(), shape);
    if (g.size() > 0) {
      PortableMatrix.range(out.nd(), axis, from, from + g.shape().dim(axis)).assign(g.nd());
    }
    return out;
  }
}
