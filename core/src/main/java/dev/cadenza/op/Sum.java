package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The sum over some axes, which disappear.
 *
 * @param axes the axes to sum over; negative ones count from the end
 */
public record Sum(List<Integer> axes) implements Op {
  public Sum {
    axes = List.copyOf(axes);
  }

  @Override
  public Shape infer(Shape... in) {
    List<Integer> gone = IntStream.of(axesOf(in[0])).boxed().toList();
    return Shape.of(
        IntStream.range(0, in[0].rank()).filter(i -> !gone.contains(i)).map(in[0]::dim).toArray());
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ctx.keep(in[0].shape());
    return Kernels.of(in[0])
        .elementwise()
        .sum(in[0], axesOf(in[0].shape()))
        .reshape(infer(in[0].shape()));
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    grads.add(
        0,
        () -> {
          Shape input = ctx.kept(Shape.class);
          Shape kept = input;
          for (int axis : axesOf(input)) {
            kept = kept.with(axis, 1);
          }
          return Kernels.of(g).layout().broadcast(g.reshape(kept), input);
        });
  }

  private int[] axesOf(Shape x) {
    return axes.stream().mapToInt(x::axis).distinct().sorted().toArray();
  }
}
