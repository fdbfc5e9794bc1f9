package dev.cadenza.op;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The whole text of every message with which an op refuses shapes or settings. */
class OpMessagesTest {
  private static final Window SQUARE = Window.square(3);
  private static final Set<String> ACCEPTING_EVERY_SHAPE =
      Set.of("Affine", "DropElements", "Exp", "Gelu", "Log", "Relu", "Sigmoid", "Sqrt", "Tanh");

  static Stream<Arguments> refusedShapes() {
    return Stream.of(
        refused(
            new Add(),
            "add: sizes differ, a has 3, b has 4 (a [2, 3], b [4])",
            shape(2, 3),
            shape(4)),
        refused(
            new Sub(),
            "sub: sizes differ, a has 2, b has 3 (a [2, 5], b [3, 5])",
            shape(2, 5),
            shape(3, 5)),
        refused(
            new Mul(),
            "mul: sizes differ, a has 3, b has 2 (a [3], b [5, 2])",
            shape(3),
            shape(5, 2)),
        refused(
            new Div(), "div: sizes differ, a has 0, b has 2 (a [0], b [2])", shape(0), shape(2)),
        refused(
            new MatMul(),
            "matmul: inner dimensions differ, a has 3, b has 4 (a [2, 3], b [4, 5])",
            shape(2, 3),
            shape(4, 5)),
        refused(new MatMul(), "matmul: a needs [.., M, K], got [3]", shape(3), shape(3, 5)),
        refused(new MatMul(), "matmul: b needs [.., K, N], got [3]", shape(2, 3), shape(3)),
        refused(
            new MatMul(),
            "matmul: sizes differ, a has 2, b has 3 (a [2], b [3])", // the leading axes
            shape(2, 5, 7),
            shape(3, 7, 5)),
        refused(
            new LinearTransform(),
            "linear: features differ, input has 7, weight has 6 (input [2, 7], weight [5, 6])",
            shape(2, 7),
            shape(5, 6)),
        refused(
            new LinearTransform(), "linear: input needs [.., in], got []", shape(), shape(5, 6)),
        refused(
            new LinearTransform(), "linear: weight needs [out, in], got [6]", shape(6), shape(6)),
        refused(
            new LinearTransform(),
            "linear: bias needs [5], got [6]",
            shape(2, 6),
            shape(5, 6),
            shape(6)),
        refused(
            new Convolution2d(SQUARE, 1),
            "conv2d: input needs [N, C, H, W], got [3, 4]",
            shape(3, 4),
            shape(2, 3, 3, 3)),
        refused(
            new Convolution2d(SQUARE, 1),
            "conv2d: weight needs [Cout, C/groups, kH, kW], got [2, 3]",
            shape(2, 3, 5, 7),
            shape(2, 3)),
        refused(
            new Convolution2d(SQUARE, 2),
            "conv2d: channels differ, input has 5, weight has 3 x 2 groups (input [2, 5, 8, 7],"
                + " weight [4, 3, 3, 3])",
            shape(2, 5, 8, 7),
            shape(4, 3, 3, 3)),
        refused(
            new Convolution2d(SQUARE, 2),
            "conv2d: 2 groups do not divide the output channels of weight [5, 3, 3, 3]",
            shape(2, 6, 8, 7),
            shape(5, 3, 3, 3)),
        refused(
            new Convolution2d(SQUARE, 1),
            "conv2d: kernel sizes differ, window has 3x3, weight has 3x2 (weight [4, 5, 3, 2])",
            shape(2, 5, 8, 7),
            shape(4, 5, 3, 2)),
        refused(
            new Convolution2d(SQUARE, 1),
            "conv2d: bias needs [4], got [5]",
            shape(2, 5, 8, 7),
            shape(4, 5, 3, 3),
            shape(5)),
        refused(
            new Convolution2d(SQUARE, 1),
            "conv2d: a 3x3 window does not fit into height 2, width 7 (padding 0x0, input [2, 5, 2,"
                + " 7])",
            shape(2, 5, 2, 7),
            shape(4, 5, 3, 3)),
        refused(
            new MaxPooling2d(Window.pool(2, 4)),
            "maxPool2d: input needs [N, C, H, W], got [3, 8, 8]",
            shape(3, 8, 8)),
        refused(
            new MaxPooling2d(Window.pool(2, 4)),
            "maxPool2d: a 2x4 window does not fit into height 8, width 3 (padding 0x0, input [1, 2,"
                + " 8, 3])",
            shape(1, 2, 8, 3)),
        refused(
            new MaxPooling2d(Window.square(2).padding(0, 1).dilation(1, 3)),
            "maxPool2d: the window that starts at -1 holds padding alone, its taps are 3 apart and the"
                + " width is 2 (input [1, 4, 8, 2])",
            shape(1, 4, 8, 2)),
        refused(
            batchNorm(true),
            "batchNorm: input needs [N, C, ..], got [3]",
            shape(3),
            shape(3),
            shape(3)),
        refused(
            batchNorm(true),
            "batchNorm: channels differ, input has 4, gamma has 3 (input [2, 4, 5], gamma [3])",
            shape(2, 4, 5),
            shape(3),
            shape(3)),
        refused(
            batchNorm(true),
            "batchNorm: gamma needs [C], got [3, 1]",
            shape(2, 3, 5),
            shape(3, 1),
            shape(3)),
        refused(
            batchNorm(false),
            "batchNorm: beta needs [3], got [4]",
            shape(2, 3, 5),
            shape(3),
            shape(4)),
        refused(
            batchNorm(true),
            "batchNorm: training needs more than one value per channel, got [1, 3, 1, 1]",
            shape(1, 3, 1, 1),
            shape(3),
            shape(3)),
        refused(
            new LayerNormalization(1e-5),
            "layerNorm: input needs [.., E], got []",
            shape(),
            shape(1),
            shape(1)),
        refused(
            new LayerNormalization(1e-5),
            "layerNorm: features differ, input has 7, gamma has 6 (input [2, 7], gamma [6])",
            shape(2, 7),
            shape(6),
            shape(6)),
        refused(
            new LayerNormalization(1e-5),
            "layerNorm: gamma needs [E], got [1, 7]",
            shape(2, 7),
            shape(1, 7),
            shape(7)),
        refused(
            new LayerNormalization(1e-5),
            "layerNorm: beta needs [7], got [1]",
            shape(2, 7),
            shape(7),
            shape(1)),
        refused(new SoftmaxAlong(2, false), "axis 2 is outside of [3, 5]", shape(3, 5)),
        refused(new SoftmaxAlong(-3, true), "axis -3 is outside of [3, 5]", shape(3, 5)),
        refused(new Sum(List.of(0, 3)), "axis 3 is outside of [3, 5]", shape(3, 5)),
        refused(
            new Reshape(Shape.of(4, 4)),
            "reshape: element counts differ, [3, 5] has 15, [4, 4] has 16",
            shape(3, 5)),
        refused(
            new Permute(List.of(0, 0)),
            "permute: [0, 0] is not an order of the axes of [3, 5]",
            shape(3, 5)),
        refused(
            new Permute(List.of(0)),
            "permute: [0] is not an order of the axes of [3, 5]",
            shape(3, 5)),
        refused(new Permute(List.of(0, 2)), "axis 2 is outside of [3, 5]", shape(3, 5)),
        refused(new Slice(1, 2, 6), "slice: [2, 6) is outside of axis 1 of [3, 5]", shape(3, 5)),
        refused(
            new Slice(-1, -1, 2), "slice: [-1, 2) is outside of axis -1 of [3, 5]", shape(3, 5)),
        refused(new Slice(0, 2, 1), "slice: [2, 1) is outside of axis 0 of [3, 5]", shape(3, 5)),
        refused(new Slice(2, 0, 1), "axis 2 is outside of [3, 5]", shape(3, 5)),
        refused(
            new Concat(1),
            "concat: sizes differ, a has 3, b has 4 (a [3, 5], b [4, 5])",
            shape(3, 5),
            shape(4, 5)),
        refused(new Concat(0), "concat: every input needs [3, 5], got [5]", shape(3, 5), shape(5)),
        refused(new Concat(0), "concat: expected at least one input"),
        refused(new Concat(2), "axis 2 is outside of [3, 5]", shape(3, 5), shape(3, 5)),
        refused(
            new CrossEntropy(new double[15], 3),
            "crossEntropy: logits needs [N, K], got [15]",
            shape(15)),
        refused(
            new CrossEntropy(new double[15], 3),
            "crossEntropy: 15 target values do not fill logits [3, 4]",
            shape(3, 4)),
        refused(
            new FusedAttention(3, 0, 0),
            "attention: projections needs [N, T, 3E], got [2, 36]",
            shape(2, 36)),
        refused(
            new FusedAttention(5, 0, 0),
            "attention: 5 heads do not divide the projections [2, 7, 36]",
            shape(2, 7, 36)),
        refused(
            new FusedResidualNorm(1e-5, 0, 0),
            "residualNorm: branch needs [2, 7], got [3, 7]",
            shape(2, 7),
            shape(3, 7),
            shape(7),
            shape(7)),
        refused(
            new FusedFeedForward(0, 0),
            "linear: features differ, input has 17, weight has 16 (input [2, 17], weight [12, 16])",
            shape(2, 12),
            shape(17, 12),
            shape(17),
            shape(12, 16),
            shape(12)),
        refused(
            new FusedConvBlock(
                SQUARE, Window.pool(4, 4), new BatchNormalization(1e-5, running(), true), 0, 0),
            "maxPool2d: a 4x4 window does not fit into height 3, width 4 (padding 0x0, input [2, 3,"
                + " 3, 4])",
            shape(2, 2, 5, 6),
            shape(3, 2, 3, 3),
            shape(3),
            shape(3),
            shape(3)));
  }

  private static Shape shape(int... dims) {
    return Shape.of(dims);
  }

  private static Arguments refused(Op op, String message, Shape... in) {
    return arguments(op, message, in);
  }

  private static BatchNormalization batchNorm(boolean training) {
    return new BatchNormalization(1e-5, running(), training);
  }

  private static BatchNormalization.Running running() {
    Array three = Array.zeros(DType.FLOAT32, Shape.of(3));
    return new BatchNormalization.Running(three, three, 0.1);
  }

  @Test
  void every_op_that_can_refuse_shapes_has_a_case() {
    Set<String> tested =
        refusedShapes()
            .map(a -> a.get()[0].getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    tested.addAll(ACCEPTING_EVERY_SHAPE);
    assertThat(tested).hasSize(30).isEqualTo(OpCases.opNames());
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("refusedShapes")
  void shapes_are_refused_by_message(Op op, String message, Shape[] in) {
    assertThatThrownBy(() -> op.infer(in)).isInstanceOf(ShapeException.class).hasMessage(message);
  }

  @Test
  void settings_are_refused_by_message() {
    assertThatThrownBy(() -> new Convolution2d(SQUARE, 0))
        .isInstanceOf(ShapeException.class)
        .hasMessage("conv2d: groups must be at least 1, got 0");
    assertThatThrownBy(() -> new MaxPooling2d(Window.of(2, 3).padding(2, 1)))
        .isInstanceOf(ShapeException.class)
        .hasMessage("maxPool2d: padding [2, 1] must be at most half of the kernel [2, 3]");
    for (double p : new double[] {-0.1, 1.1, Double.NaN}) {
      assertThatThrownBy(() -> new DropElements(p, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("dropout: p=" + p + " must be in [0, 1]");
    }
  }
}
