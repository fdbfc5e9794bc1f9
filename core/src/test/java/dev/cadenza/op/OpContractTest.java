package dev.cadenza.op;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.LeftOvers;
import dev.cadenza.kernel.Threads;
import dev.cadenza.op.OpCases.Case;
import dev.cadenza.op.OpCases.FusedCase;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.GradCheck;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Rounding;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every op promises. A new op needs a case in {@link OpCases} and nothing else. */
class OpContractTest {
  static List<Case> cases() {
    return OpCases.plain();
  }

  static List<FusedCase> fusedCases() {
    return OpCases.fused();
  }

  @Test
  void every_op_has_a_case() {
    Set<String> tested =
        Stream.concat(cases().stream().map(Case::op), fusedCases().stream().map(FusedCase::op))
            .map(op -> op.getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(OpCases.opNames()).hasSize(30).isEqualTo(tested);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_sizes_of_an_input_differ(Case c) {
    for (Array in : c.inputs()) {
      int[] sizes = Arrays.stream(in.shape().dims()).filter(n -> n > 1).toArray();
      assertThat(sizes).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_value_has_the_inferred_shape(Case c) {
    Shape[] shapes = c.inputs().stream().map(Array::shape).toArray(Shape[]::new);
    assertThat(c.op().infer(shapes)).isEqualTo(c.value());
    for (DType type : DType.values()) {
      Array y = c.op().forward(new Ctx(false), c.in(type));
      assertThat(y).hasShape(c.value()).hasType(type);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void inputs_and_gradient_are_not_modified(Case c) {
    for (DType type : DType.values()) {
      assertNothingIsModified(c.op(), c.value(), c.in(type));
    }
  }

  private static void assertNothingIsModified(Op op, Shape value, Array... in) {
    Array g = gradient(value, in[0].type());
    Array[] all = Stream.concat(Arrays.stream(in), Stream.of(g)).toArray(Array[]::new);
    Array[] before = Arrays.stream(all).map(Array::copy).toArray(Array[]::new);
    Ctx ctx = new Ctx(true);
    Array y = op.forward(ctx, in);
    Array valueBefore = y.copy();
    op.backward(ctx, g, grads(in, IntStream.range(0, in.length).toArray()));
    for (int i = 0; i < all.length; i++) {
      assertThat(all[i]).as("input %d", i).hasSameBitsAs(Tensor.of(before[i]));
    }
    assertThat(y).as("value").hasSameBitsAs(Tensor.of(valueBefore));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void recording_does_not_change_the_value(Case c) {
    for (DType type : DType.values()) {
      Array recorded = c.op().forward(new Ctx(true), c.in(type));
      Array plain = c.op().forward(new Ctx(false), c.in(type));
      assertThat(plain).hasSameBitsAs(Tensor.of(recorded));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void bound_to_its_other_inputs_it_computes_the_same(Case c) {
    for (DType type : DType.values()) {
      Array[] in = c.in(type);
      assertBound(c.op(), c.terms(), type, in);
    }
  }

  private static void assertBound(Op op, int terms, DType type, Array... in) {
    Tensor expected = Tensor.of(op.forward(new Ctx(false), in));
    UnaryOperator<Array> bound = op.bind(in);
    for (int run = 0; run < 2; run++) {
      assertThat(bound.apply(in[0]))
          .isCloseTo(expected, Rounding.bound(type, terms, Rounding.size(expected)));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_gradient_belongs_to_the_value(Case c) {
    GradCheck.seeded(11).check(c.op(), tracked(c.in()));
  }

  /** What float32 kernels compute, whichever set serves them, is what float64 ones do. */
  @ParameterizedTest
  @MethodSource("cases")
  void float32_agrees_with_float64(Case c) {
    compare(run(c.op(), c.in(DType.FLOAT32)), run(c.op(), c.in()), c.terms()); // the same numbers
  }

  /** Threads reuse their memory: NaN of an earlier computation must not come back. */
  @ParameterizedTest
  @MethodSource("cases")
  void what_the_thread_computed_before_leaves_no_trace(Case c) {
    Tensor[] in = tracked(c.in(DType.FLOAT32));
    assertNoTrace(() -> Tensor.apply(c.op(), in), in);
  }

  /** Inputs whose memory is a part of another array's, or was filled in another order. */
  @ParameterizedTest
  @MethodSource("cases")
  void moved_inputs_give_the_same(Case c) {
    for (DType type : DType.values()) {
      Run expected = run(c.op(), c.in(type));
      for (UnaryOperator<Array> move : moves()) {
        Array[] moved = Arrays.stream(c.in(type)).map(move).toArray(Array[]::new);
        assertSame(run(c.op(), moved), expected);
      }
    }
  }

  private static List<UnaryOperator<Array>> moves() {
    return List.of(OpContractTest::transposedTwice, OpContractTest::cutOut);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void only_the_gradients_that_are_needed_are_computed(Case c) {
    assertOnlyNeeded(c.op(), c.value(), c.in());
  }

  private static void assertOnlyNeeded(Op op, Shape value, Array... in) {
    Array g = gradient(value, in[0].type());
    Ctx ctx = new Ctx(true);
    op.forward(ctx, in);
    Grads all = grads(in, IntStream.range(0, in.length).toArray());
    op.backward(ctx, g, all);
    for (int needed = 0; needed < in.length; needed++) {
      Grads one = grads(in, needed);
      op.backward(ctx, g, one);
      for (int i = 0; i < in.length; i++) {
        assertThat(gradient(all, i)).hasShape(in[i].shape()).hasType(in[i].type());
        if (i == needed) {
          assertThat(gradient(one, i)).hasSameBitsAs(Tensor.of(gradient(all, i)));
        } else {
          assertThat(one.get(i) == null).as("no gradient of input %d", i).isTrue();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fusedCases")
  void a_fused_op_is_its_composition(FusedCase c) {
    Shape[] shapes = c.inputs().stream().map(Array::shape).toArray(Shape[]::new);
    assertThat(c.op().infer(shapes)).isEqualTo(c.value());
    Tensor[] exact = tracked(c.in(DType.FLOAT64));
    Run composed = run(c.composed().apply(exact), exact);
    Tensor[] in = tracked(c.in(DType.FLOAT32));
    compare(
        run(Tensor.applyFused(c.op(), () -> c.composed().apply(in), in), in), composed, c.terms());
  }

  /** Convolution blocks have a kernel in both sets, the others in that of vectors alone. */
  @ParameterizedTest
  @MethodSource("fusedCases")
  void a_fused_op_runs_where_it_has_a_kernel_and_keeps_the_contract(FusedCase c) {
    boolean simd = Kernels.active().equals("simd");
    boolean block = c.op() instanceof FusedConvBlock;
    assertThat(c.op().available(c.in(DType.FLOAT32))).isEqualTo(simd || block);
    assertThat(c.op().available(c.in(DType.FLOAT64))).isEqualTo(block);
    for (DType type : DType.values()) {
      Array[] in = c.in(type);
      if (c.op().available(in)) {
        assertNothingIsModified(c.op(), c.value(), in);
        assertOnlyNeeded(c.op(), c.value(), in);
        assertBound(c.op(), c.terms(), type, in);
        Array recorded = c.op().forward(new Ctx(true), in);
        assertThat(c.op().forward(new Ctx(false), in)).hasSameBitsAs(Tensor.of(recorded));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("fusedCases")
  void what_the_thread_computed_before_leaves_no_trace_in_a_fused_op(FusedCase c) {
    Tensor[] in = tracked(c.in(DType.FLOAT32));
    assertNoTrace(() -> Tensor.applyFused(c.op(), () -> c.composed().apply(in), in), in);
  }

  private static void assertNoTrace(Supplier<Tensor> value, Tensor... in) {
    Run expected = run(value.get(), in);
    int threads = Threads.count();
    Threads.use(1);
    try {
      LeftOvers.ofNaN();
      Tensor y = value.get();
      LeftOvers.ofNaN();
      assertSame(run(y, in), expected);
    } finally {
      Threads.use(threads);
    }
  }

  private static Tensor[] tracked(Array... in) {
    return Arrays.stream(in).map(a -> Tensor.of(a).tracked()).toArray(Tensor[]::new);
  }

  private static Array gradient(Shape shape, DType type) {
    SplittableRandom rng = new SplittableRandom(shape.hashCode());
    double[] g = rng.doubles(shape.size(), -1, 1).map(x -> (float) x).toArray();
    return Array.of(g, shape).cast(type);
  }

  private static Grads grads(Array[] in, int... needed) {
    boolean[] wanted = new boolean[in.length];
    for (int i : needed) {
      wanted[i] = true;
    }
    return new Grads(Arrays.stream(in).map(Array::shape).toArray(Shape[]::new), wanted);
  }

  private static Array gradient(Grads grads, int input) {
    return Objects.requireNonNull(grads.get(input), () -> "no gradient of input " + input);
  }

  /** A value and its gradients, the value first. */
  private record Run(List<Tensor> results) {}

  private static Run run(Op op, Array... in) {
    Tensor[] leaves = tracked(in);
    return run(Tensor.apply(op, leaves), leaves);
  }

  private static Run run(Tensor y, Tensor... leaves) {
    Gradients g = y.backward(Tensor.of(gradient(y.shape(), y.type())));
    return new Run(Stream.concat(Stream.of(y), Arrays.stream(leaves).map(g::of)).toList());
  }

  private static void assertSame(Run actual, Run expected) {
    for (int i = 0; i < expected.results().size(); i++) {
      assertThat(actual.results().get(i)).hasSameBitsAs(expected.results().get(i));
    }
  }

  private static void compare(Run actual, Run expected, int terms) {
    for (int i = 0; i < expected.results().size(); i++) {
      Tensor want = expected.results().get(i);
      assertThat(actual.results().get(i))
          .as("result %d", i)
          .hasType(DType.FLOAT32)
          .isCloseTo(want, Rounding.bound(DType.FLOAT32, terms, Rounding.size(want)));
    }
  }

  private static Array transposedTwice(Array a) {
    int[] reversed =
        IntStream.range(0, a.shape().rank()).map(i -> a.shape().rank() - 1 - i).toArray();
    Tensor once = Tensor.of(a).permute(reversed);
    return once.permute(reversed).array();
  }

  private static Array cutOut(Array a) {
    if (a.shape().rank() == 0) {
      return a;
    }
    Tensor t = Tensor.of(a);
    Tensor around = t.mul(-3);
    return Tensor.concat(-1, around, t, around)
        .slice(-1, a.shape().dim(-1), 2 * a.shape().dim(-1))
        .array();
  }
}
