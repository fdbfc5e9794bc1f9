package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import java.util.List;

/** The axes in another order: axis i of the value is axis {@code order[i]} of the input. */
public record Permute(List<Integer> order) implements Op {
  public Permute {
    order = List.copyOf(order);
  }

  @Override
  public Shape infer(Shape... in) {
    return in[0].permute(order.stream().mapToInt(i -> i).toArray());
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    return Kernels.of(in[0]).layout().permute(in[0], axes(in[0].shape()));
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    int[] axes = axes(g.shape());
    int[] inverse = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      inverse[axes[i]] = i;
    }
    grads.add(0, () -> Kernels.of(g).layout().permute(g, inverse));
  }

  private int[] axes(Shape x) {
    return order.stream().mapToInt(x::axis).toArray();
  }
}
