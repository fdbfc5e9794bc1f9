package dev.cadenza.tensor;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.op.Ctx;
import dev.cadenza.op.Op;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A computation for inputs of one shape, ready to be run many times: the ops that lead from an
 * input to a result, in order, with everything that does not depend on the input computed or laid
 * out once. Nothing is recorded, shapes are not checked again, and a thread's later runs have the
 * memory of its first.
 *
 * <p>Parameters and statistics count as they are when this is made: make another one after more
 * training. Thread-safe.
 */
public final class Inference {
  /** An op's call: where its inputs stand among the values, and what computes it. */
  private record Step(int[] from, Call call) {}

  private interface Call {
    Array of(Array... in);
  }

  private final Shape input;
  private final Shape output;
  private final List<Step> steps = new ArrayList<>();

  private Inference(Tensor input, Tensor output) {
    this.input = input.shape();
    this.output = output.shape();
    Map<Tensor, Integer> places = new IdentityHashMap<>();
    places.put(input, 0);
    for (Tensor t : recorded(output)) {
      Tensor[] in = node(t).inputs();
      int[] from = new int[in.length];
      boolean constant = true;
      for (int i = 0; i < in.length; i++) {
        from[i] = places.getOrDefault(in[i], -1);
        constant &= from[i] < 0;
      }
      if (!constant) {
        steps.add(new Step(from, call(node(t), from)));
        places.put(t, steps.size());
      }
    }
    if (!places.containsKey(output)) {
      throw new IllegalArgumentException("inference: the result does not depend on the input");
    }
  }

  /**
   * What leads from {@code input} to {@code output}.
   *
   * @param input a tracked leaf
   * @param output a recorded result that depends on it
   */
  public static Inference of(Tensor input, Tensor output) {
    return new Inference(input, output);
  }

  /** All recorded tensors that lead to this one, inputs before users. */
  private static List<Tensor> recorded(Tensor output) {
    Map<Tensor, Boolean> seen = new IdentityHashMap<>();
    List<Tensor> found = new ArrayList<>();
    if (!output.isLeaf()) {
      found.add(output);
    }
    for (int i = 0; i < found.size(); i++) {
      for (Tensor in : node(found.get(i)).inputs()) {
        if (!in.isLeaf() && seen.put(in, true) == null) {
          found.add(in);
        }
      }
    }
    found.sort(Comparator.comparingLong(t -> node(t).number()));
    return found;
  }

  private static Node node(Tensor t) {
    Node node = t.node();
    if (node == null) {
      throw new IllegalStateException("inference: " + t + " is a leaf");
    }
    return node;
  }

  private static Call call(Node node, int[] from) {
    Array[] in = new Array[from.length];
    boolean others = false;
    for (int i = 0; i < in.length; i++) {
      Array value = node.inputs()[i].array();
      in[i] = from[i] < 0 ? value.detach() : value;
      others |= i > 0 && from[i] >= 0;
    }
    if (from[0] >= 0 && !others) {
      UnaryOperator<Array> bound = node.op().bind(in);
      return values -> bound.apply(values[0]);
    }
    Op op = node.op();
    @Nullable Array[] constants = new Array[in.length];
    for (int i = 0; i < in.length; i++) {
      constants[i] = from[i] < 0 ? in[i] : null;
    }
    return values -> {
      Array[] all = values.clone();
      for (int i = 0; i < all.length; i++) {
        Array constant = constants[i];
        all[i] = constant == null ? values[i] : constant;
      }
      return op.forward(new Ctx(false), all);
    };
  }

  /** The shape of the input. */
  public Shape input() {
    return input;
  }

  /** The shape of the result. */
  public Shape output() {
    return output;
  }

  /** The result for an input; lives outside of every workspace. */
  public Tensor run(Tensor x) {
    ShapeException.requireShape("inference", "input", input, x.shape());
    try (Workspace memory = Workspace.open()) {
      Array[] values = new Array[steps.size() + 1];
      values[0] = x.array();
      for (int i = 0; i < steps.size(); i++) {
        Step step = steps.get(i);
        Array[] in = new Array[step.from().length];
        for (int j = 0; j < in.length; j++) {
          in[j] = values[Math.max(0, step.from()[j])];
        }
        values[i + 1] = step.call().of(in);
      }
      return Tensor.of(values[steps.size()].detach());
    }
  }
}
