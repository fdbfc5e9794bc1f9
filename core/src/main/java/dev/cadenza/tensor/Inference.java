package dev.cadenza.tensor;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Threads;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
  /** The branch of what needs several of them. */
  private static final int TRUNK = -1;

  /**
   * An op's call.
   *
   * @param place where its result stands among the values; the input stands at 0
   * @param from where its inputs stand, -1 for constants
   * @param branch the number of the branch that it belongs to, from 1, or {@link #TRUNK}
   */
  private record Step(int place, int[] from, int branch, DType type, Shape shape, Call call) {
    void run(Array[] values) {
      Array[] in = new Array[from.length];
      for (int i = 0; i < in.length; i++) {
        in[i] = values[Math.max(0, from[i])];
      }
      values[place] = call.of(in);
    }

    boolean reads(Step other) {
      return IntStream.of(from).anyMatch(place -> place == other.place);
    }
  }

  private interface Call {
    Array of(Array... in);
  }

  /**
   * Steps that need nothing but the input and each other.
   *
   * @param results those of them that the trunk reads
   */
  private record Branch(List<Step> steps, List<Step> results) {
    /** Leaves its results in the arrays that stand at their places. */
    void run(Array[] values) {
      try (Workspace memory = Workspace.open()) {
        Array[] mine = values.clone();
        steps.forEach(step -> step.run(mine));
        results.forEach(step -> values[step.place()].assign(mine[step.place()]));
      }
    }
  }

  private final Shape input;
  private final Shape output;

  /** None, or at least two. */
  private final List<Branch> branches;

  /** The steps after all branches; the last one's value is the result. */
  private final List<Step> trunk;

  /** The number of values. */
  private final int size;

  private Inference(Tensor input, Tensor output) {
    this.input = input.shape();
    this.output = output.shape();
    Map<Tensor, Integer> places = new IdentityHashMap<>();
    places.put(input, 0);
    List<Step> steps = new ArrayList<>();
    int count = 0;
    for (Tensor t : recorded(output)) {
      Tensor[] in = node(t).inputs();
      int[] from = Stream.of(in).mapToInt(value -> places.getOrDefault(value, -1)).toArray();
      int[] needed = IntStream.of(from).filter(place -> place >= 0).toArray();
      if (needed.length > 0) {
        int[] met = branches(needed, steps);
        int branch = met.length == 0 ? ++count : met.length == 1 ? met[0] : TRUNK;
        Array value = t.array();
        places.put(t, steps.size() + 1);
        steps.add(
            new Step(
                steps.size() + 1, from, branch, value.type(), value.shape(), call(node(t), from)));
      }
    }
    if (!places.containsKey(output)) {
      throw new IllegalArgumentException("inference: the result does not depend on the input");
    }
    this.size = steps.size() + 1;
    this.trunk = count > 1 ? ofBranch(TRUNK, steps) : steps;
    this.branches =
        IntStream.rangeClosed(1, count > 1 ? count : 0)
            .mapToObj(number -> ofBranch(number, steps))
            .map(own -> new Branch(own, readBy(trunk, own)))
            // many small steps first: their work is the hardest to share
            .sorted(Comparator.comparingInt(branch -> -branch.steps().size()))
            .toList();
  }

  /** The branches of the values at these places, each once; the input belongs to none. */
  private static int[] branches(int[] places, List<Step> steps) {
    return IntStream.of(places)
        .filter(place -> place > 0)
        .map(place -> steps.get(place - 1).branch())
        .distinct()
        .toArray();
  }

  private static List<Step> ofBranch(int number, List<Step> steps) {
    return steps.stream().filter(step -> step.branch() == number).toList();
  }

  private static List<Step> readBy(List<Step> readers, List<Step> steps) {
    return steps.stream()
        .filter(step -> readers.stream().anyMatch(reader -> reader.reads(step)))
        .toList();
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
      Array[] values = new Array[size];
      values[0] = x.array();
      for (Branch branch : branches) {
        for (Step step : branch.results()) {
          values[step.place()] = Array.uninitialized(step.type(), step.shape());
        }
      }
      Threads.concurrently(branches.size(), i -> branches.get(i).run(values));
      trunk.forEach(step -> step.run(values));
      return Tensor.of(values[size - 1].detach());
    }
  }
}
