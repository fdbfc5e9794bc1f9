package dev.cadenza.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Golden;
import dev.cadenza.testing.Rounding;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values and gradients of single operations against PyTorch's: every case in its own type, and
 * every float32 case in float64 too.
 */
class GoldenOpTest {
  private static final Map<String, Integer> FAMILIES =
      Map.of(
          "conv2d", 22,
          "pool2d", 20,
          "linear", 15,
          "elementwise", 40,
          "reduce_and_move", 23,
          "softmax", 24);

  static Stream<Arguments> cases() {
    return FAMILIES.keySet().stream()
        .sorted()
        .flatMap(
            family ->
                Golden.open(family).cases().stream()
                    .flatMap(c -> types(c).map(type -> Arguments.of(family, c, type))));
  }

  private static Stream<DType> types(Golden.Case c) {
    return Stream.of(c.type(), DType.FLOAT64).distinct();
  }

  @Test
  void every_case_of_every_family_is_used() {
    FAMILIES.forEach(
        (family, count) -> assertThat(Golden.open(family).cases()).as(family).hasSize(count));
  }

  @ParameterizedTest(name = "{0} {1} {2}")
  @MethodSource("cases")
  void value_and_gradients_are_those_of_pytorch(String family, Golden.Case c, DType type) {
    Map<String, Tensor> leaves = c.leaves(type);
    Tensor[] in = leaves.values().toArray(Tensor[]::new); // in0, in1, ..
    switch (family) {
      case "conv2d" -> c.check(conv2d(c, in), leaves, convolutionTerms(c), Rounding::size);
      // A window's gradients are summed where windows overlap.
      case "pool2d" -> c.check(pool2d(c, in[0]), leaves, area(c, "kernel") + 1, Rounding::size);
      // A product's gradients sum over the rows of the other operand and of the value.
      case "linear" -> c.check(linear(c, in), leaves, longestAxis(c), Rounding::size);
      // A few rounded steps, or a gradient that sums up to 24 repetitions. An input of 1e4 must not
      // widen the tolerance of the others: errors relate to 1 and to the value itself.
      case "elementwise" -> c.check(elementwise(c, in), leaves, 30, expected -> 1);
      case "reduce_and_move" -> c.check(moved(c, in), leaves, 60, Rounding::size); // all of 3x4x5
      case "softmax" -> c.check(softmax(c, in[0]), leaves, 8, Rounding::size); // sums of 5
      default -> throw new AssertionError(family);
    }
  }

  private static Window window(Golden.Case c) {
    int[] k = c.ints("kernel");
    int[] s = c.ints("stride");
    int[] p = c.ints("padding");
    return Window.of(k[0], k[1]).stride(s[0], s[1]).padding(p[0], p[1]);
  }

  private static int area(Golden.Case c, String setting) {
    int[] size = c.ints(setting);
    return size[0] * size[1];
  }

  private static Tensor conv2d(Golden.Case c, Tensor... in) {
    int[] d = c.ints("dilation");
    return Tensor.apply(new Convolution2d(window(c).dilation(d[0], d[1]), c.integer("groups")), in);
  }

  /** Values sum over a group's inputs and taps, weight gradients over all positions of a batch. */
  private static int convolutionTerms(Golden.Case c) {
    Shape out = c.tensor("out").shape();
    Shape weight = c.tensor("in1").shape();
    int value = weight.size(1, 4);
    int inputGradient = weight.dim(0) * weight.size(2, 4);
    int weightGradient = out.dim(0) * out.size(2, 4);
    return 1 + Math.max(value, Math.max(inputGradient, weightGradient));
  }

  private static Tensor pool2d(Golden.Case c, Tensor x) {
    if (c.name().startsWith("max")) {
      return x.maxPool2d(window(c));
    }
    Tensor sums = windowSums(c, x);
    return c.flag("count_include_pad")
        ? sums.mul(1.0 / area(c, "kernel"))
        : sums.div(windowSums(c, filled(x.type(), x.shape(), 1)));
  }

  /** Average pooling is no op of ours: it is a depthwise convolution with ones. */
  private static Tensor windowSums(Golden.Case c, Tensor x) {
    Shape ones = Shape.of(x.dim(1), 1, c.ints("kernel")[0], c.ints("kernel")[1]);
    return Tensor.apply(new Convolution2d(window(c), x.dim(1)), x, filled(x.type(), ones, 1));
  }

  private static Tensor filled(DType type, Shape shape, double value) {
    double[] values = new double[shape.size()];
    Arrays.fill(values, value);
    return Tensor.of(values, shape.dims()).cast(type);
  }

  private static Tensor linear(Golden.Case c, Tensor... in) {
    if (c.name().startsWith("linear")) {
      return Tensor.apply(new LinearTransform(), in);
    }
    boolean transposed = c.name().equals("matmul_transposed_input");
    return (transposed ? in[0].transpose(-1, -2) : in[0]).matmul(in[1]);
  }

  /** Weight gradients sum over all rows. */
  private static int longestAxis(Golden.Case c) {
    Shape out = c.tensor("out").shape();
    Shape weight = c.tensor("in1").shape();
    return Math.max(out.size(), Math.max(weight.dim(-1), weight.dim(-2)));
  }

  private static Tensor elementwise(Golden.Case c, Tensor... in) {
    Tensor x = in[0];
    String name = c.name().replace("_f64", "");
    return switch (name) {
      case "relu" -> x.relu();
      case "gelu_exact" -> x.gelu();
      case "gelu_tanh" -> geluByTanh(x);
      case "sigmoid" -> x.sigmoid();
      case "tanh" -> x.tanh();
      case "exp" -> x.exp();
      case "log" -> x.log();
      case "sqrt" -> x.sqrt();
      default ->
          switch (name.substring(0, 4)) {
            case "add_" -> x.add(in[1]);
            case "sub_" -> x.sub(in[1]);
            case "mul_" -> x.mul(in[1]);
            case "div_" -> x.div(in[1]);
            default -> throw new AssertionError(name);
          };
    };
  }

  /** PyTorch's approximation; no op of ours, composed of them. */
  private static Tensor geluByTanh(Tensor x) {
    Tensor cube = x.mul(x).mul(x).mul(0.044715);
    Tensor inner = x.add(cube).mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(inner.tanh().add(1));
  }

  private static Tensor moved(Golden.Case c, Tensor... in) {
    String kind = c.name().substring(0, c.name().indexOf('_'));
    return switch (kind) {
      case "sum" -> keepDims(c, in[0].sum(c.ints("axes")));
      case "mean" -> keepDims(c, in[0].mean(c.ints("axes")));
      case "concat" -> Tensor.concat(c.integer("axis"), in);
      case "permute" -> in[0].permute(c.ints("order"));
      default -> throw new AssertionError(kind);
    };
  }

  private static Tensor keepDims(Golden.Case c, Tensor y) {
    return c.flag("keepdim") ? y.reshape(c.tensor("out").shape().dims()) : y;
  }

  private static Tensor softmax(Golden.Case c, Tensor x) {
    int axis = c.integer("axis");
    return c.name().startsWith("log") ? x.logSoftmax(axis) : x.softmax(axis);
  }
}
