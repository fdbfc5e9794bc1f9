package dev.cadenza.op;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** At least one case for every op: settings, inputs and the shape of the value. */
final class OpCases {
  private OpCases() {}

  /**
   * An op with inputs, float64 and normal except where its domain is smaller. The sizes of an input
   * differ from each other, so that no mistaken axis goes unseen.
   *
   * @param terms the longest sum in value and gradients
   */
  record Case(Op op, List<Array> inputs, Shape value, int terms) {
    Array[] in() {
      return inputs.toArray(Array[]::new);
    }

    Array[] in(DType type) {
      return inputs.stream().map(a -> a.cast(type)).toArray(Array[]::new);
    }

    @Override
    public String toString() {
      return op.getClass().getSimpleName() + inputs.stream().map(Array::shape).toList();
    }
  }

  /** A fused op, the composition that defines it, and float64 inputs. */
  record FusedCase(
      FusedOp op, Function<Tensor[], Tensor> composed, List<Array> inputs, Shape value, int terms) {
    Array[] in(DType type) {
      return inputs.stream().map(a -> a.cast(type)).toArray(Array[]::new);
    }

    @Override
    public String toString() {
      return op + " " + inputs.stream().map(Array::shape).toList();
    }
  }

  /** The names of all ops there are in the main code. */
  static Set<String> opNames() {
    return new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("dev.cadenza")
            .stream()
            .filter(c -> c.isAssignableTo(Op.class))
            .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
  }

  static List<Case> plain() {
    Builder b = new Builder();
    for (Op op : List.of(new Add(), new Sub(), new Mul(), new Div())) {
      DoubleUnaryOperator divisor = op instanceof Div ? OpCases::awayFromZero : x -> x;
      b.add(op, value(2, 3, 5), in(2, 3, 5), in(divisor, 2, 3, 5));
      b.add(op, value(2, 3, 5), in(2, 3, 5), in(divisor, 5)); // a row
      b.add(op, value(2, 3, 5, 7), in(2, 3, 5, 7), in(divisor, 3, 1, 1)); // a channel
      b.add(op, value(2, 3, 5), in(2, 1, 5), in(divisor, 3, 1)); // both stretch
      b.add(op, value(2, 3), in(2, 3), in(divisor)); // a scalar
      b.add(op, value(2, 3, 5), in(5), in(divisor, 2, 3, 5)); // the left one stretches
    }
    for (Op op :
        List.of(
            new Affine(-0.7, 0.3),
            new Exp(),
            new Tanh(),
            new Sigmoid(),
            new Relu(),
            new Gelu(),
            new DropElements(0.4, 17),
            new DropElements(0, 17),
            new DropElements(1, 17))) {
      b.add(op, value(2, 3, 5), in(2, 3, 5));
      b.add(op, value(), in());
    }
    for (Op op : List.of(new Log(), new Sqrt())) {
      b.add(op, value(2, 3, 5), in(OpCases::positive, 2, 3, 5));
    }
    b.add(new Sum(List.of(0, -1)), value(3), in(2, 3, 5));
    b.add(new Sum(List.of(1)), value(2, 5), in(2, 3, 5));
    b.add(new Sum(List.of(0, 1, 2)), value(), in(2, 3, 5));
    b.add(new Sum(List.of()), value(2, 3), in(2, 3));
    b.add(new Sum(List.of()), value(), in());
    b.add(new Permute(List.of()), value(), in());
    b.add(new Permute(List.of(0)), value(3), in(3));
    b.add(new Reshape(Shape.scalar()), value(), in(1));
    b.add(new Reshape(Shape.of(5, 6)), value(5, 6), in(2, 3, 5));
    b.add(new Permute(List.of(2, 0, 1)), value(5, 2, 3), in(2, 3, 5));
    b.add(new Permute(List.of(0, -1, -2)), value(2, 5, 3), in(2, 3, 5));
    b.add(new Slice(1, 1, 3), value(2, 2, 5), in(2, 3, 5));
    b.add(new Slice(-1, 0, 4), value(2, 3, 4), in(2, 3, 5));
    b.add(new Concat(1), value(2, 10, 5), in(2, 3, 5), in(2, 6, 5), in(2, 1, 5));
    b.add(new Concat(-1), value(2, 7), in(2, 3), in(2, 4));
    b.add(new Concat(0), value(2, 3), in(2, 3));
    b.add(new MatMul(), value(2, 5), in(2, 3), in(3, 5));
    b.add(new MatMul(), value(2, 3, 5, 11), in(2, 3, 5, 7), in(2, 3, 7, 11));
    b.add(new MatMul(), value(2, 3, 5, 11), in(2, 1, 5, 7), in(3, 7, 11));
    b.add(new MatMul(), value(3, 5, 2), in(5, 7), in(3, 7, 2));
    b.add(new LinearTransform(), value(2, 3, 5), in(2, 3, 7), in(5, 7), in(5));
    b.add(new LinearTransform(), value(2, 5), in(2, 7), in(5, 7));
    b.add(new LinearTransform(), value(5), in(7), in(5, 7), in(5));
    b.add(new SoftmaxAlong(-1, false), value(2, 3, 5), in(2, 3, 5));
    b.add(new SoftmaxAlong(1, false), value(2, 3, 5), in(2, 3, 5));
    b.add(new SoftmaxAlong(0, true), value(2, 3, 5), in(2, 3, 5));
    b.add(new SoftmaxAlong(2, true), value(2, 3, 5), in(2, 3, 5));
    b.add(new LayerNormalization(1e-5), value(2, 3, 5), in(2, 3, 5), in(5), in(5));
    b.add(new LayerNormalization(1e-5), value(7), in(7), in(7), in(7));
    for (boolean training : new boolean[] {true, false}) {
      b.add(batchNorm(3, training), value(2, 3, 5, 7), in(2, 3, 5, 7), in(3), in(3));
      b.add(batchNorm(3, training), value(7, 3), in(7, 3), in(3), in(3));
    }
    Window odd = Window.of(3, 2).stride(2, 1).padding(1, 0).dilation(1, 2);
    b.add(new Convolution2d(Window.of(7, 2), 1), value(2, 4, 3, 6), in(2, 5, 9, 7), in(4, 5, 7, 2));
    b.add(new Convolution2d(odd, 1), value(3, 7, 3, 9), in(3, 4, 5, 11), in(7, 4, 3, 2), in(7));
    b.add(new Convolution2d(odd, 2), value(3, 8, 4, 9), in(3, 10, 7, 11), in(8, 5, 3, 2), in(8));
    b.add(new MaxPooling2d(Window.pool(2, 3)), value(2, 3, 2, 2), in(2, 3, 5, 7));
    b.add(
        new MaxPooling2d(Window.of(3, 2).stride(2, 1).padding(1, 1)),
        value(2, 3, 3, 8),
        in(2, 3, 5, 7));
    b.add(new CrossEntropy(distributions(3, 5), 3), value(), in(3, 5));
    b.add(new CrossEntropy(distributions(1, 7), 0.5), value(), in(1, 7));
    return b.cases;
  }

  static List<FusedCase> fused() {
    SplittableRandom rng = new SplittableRandom(3);
    List<FusedCase> cases = new ArrayList<>();
    for (double p : new double[] {0, 0.4}) {
      for (int[] pool : new int[][] {{2, 2, 2}, {2, 4, 4}, {1, 2, 2}}) {
        cases.add(convBlock(rng, true, p, pool));
        cases.add(convBlock(rng, false, p, pool));
      }
      cases.add(attention(rng, p));
      cases.add(feedForward(rng, p));
      cases.add(residualNorm(rng, p));
    }
    return cases;
  }

  private static FusedCase convBlock(
      SplittableRandom rng, boolean training, double p, int... channelsAndPool) {
    int channels = channelsAndPool[0];
    Window conv = Window.square(3).padding(1, 1);
    Window pool = Window.pool(channelsAndPool[1], channelsAndPool[2]);
    int h = 9;
    int w = 35;
    BatchNormalization.Running running = running(6);
    BatchNormalization.Running other = running(6);
    return new FusedCase(
        new FusedConvBlock(conv, pool, new BatchNormalization(1e-5, running, training), p, 23),
        in -> {
          Tensor image = Tensor.apply(new Convolution2d(conv, 1), in[0], in[1], in[2]);
          Tensor normed =
              Tensor.apply(new BatchNormalization(1e-5, other, training), image, in[3], in[4]);
          return normed.relu().maxPool2d(pool).dropout(p, 23);
        },
        arrays(rng, in(3, channels, h, w), in(6, channels, 3, 3), in(6), in(6), in(6)),
        Shape.of(3, 6, h / pool.kH(), w / pool.kW()),
        3 * h * w);
  }

  private static FusedCase attention(SplittableRandom rng, double p) {
    int heads = 3;
    return new FusedCase(
        new FusedAttention(heads, p, 23),
        in -> {
          Tensor[] part =
              IntStream.range(0, 3)
                  .mapToObj(i -> in[0].slice(2, 12 * i, 12 * i + 12))
                  .map(x -> x.reshape(2, 7, heads, 4).permute(0, 2, 1, 3))
                  .toArray(Tensor[]::new);
          Tensor scores = part[0].mul(0.5).matmul(part[1].transpose(-1, -2));
          Tensor weights = scores.softmax(-1).dropout(p, 23);
          return weights.matmul(part[2]).permute(0, 2, 1, 3).flatten(2);
        },
        arrays(rng, in(2, 7, 36)),
        Shape.of(2, 7, 12),
        4 * 7);
  }

  private static FusedCase feedForward(SplittableRandom rng, double p) {
    return new FusedCase(
        new FusedFeedForward(p, 23),
        in -> {
          Tensor hidden = Tensor.apply(new LinearTransform(), in[0], in[1], in[2]);
          return Tensor.apply(new LinearTransform(), hidden.relu().dropout(p, 23), in[3], in[4]);
        },
        arrays(rng, in(2, 7, 12), in(17, 12), in(17), in(12, 17), in(12)),
        Shape.of(2, 7, 12),
        12 * 17);
  }

  private static FusedCase residualNorm(SplittableRandom rng, double p) {
    return new FusedCase(
        new FusedResidualNorm(1e-5, p, 23),
        in ->
            Tensor.apply(
                new LayerNormalization(1e-5), in[0].add(in[1].dropout(p, 23)), in[2], in[3]),
        arrays(rng, in(2, 7, 13), in(2, 7, 13), in(13), in(13)),
        Shape.of(2, 7, 13),
        2 * 13);
  }

  private static BatchNormalization batchNorm(int channels, boolean training) {
    return new BatchNormalization(1e-5, running(channels), training);
  }

  private static BatchNormalization.Running running(int channels) {
    Shape shape = Shape.of(channels);
    return new BatchNormalization.Running(
        Array.full(DType.FLOAT64, shape, 0.3), Array.full(DType.FLOAT64, shape, 1.7), 0.1);
  }

  /** Rows of positive weights that sum to other values than 1, as class weights make them. */
  private static double[] distributions(int rows, int classes) {
    return IntStream.range(0, rows * classes).mapToDouble(i -> (i * 7 % 5) * 0.2).toArray();
  }

  private static double positive(double x) {
    return 0.3 + Math.abs(x);
  }

  private static double awayFromZero(double x) {
    return Math.copySign(positive(x), x);
  }

  private record Input(Shape shape, DoubleUnaryOperator domain) {}

  private static Shape value(int... dims) {
    return Shape.of(dims);
  }

  private static Input in(int... dims) {
    return in(x -> x, dims);
  }

  private static Input in(DoubleUnaryOperator domain, int... dims) {
    return new Input(Shape.of(dims), domain);
  }

  private static List<Array> arrays(SplittableRandom rng, Input... inputs) {
    List<Array> arrays = new ArrayList<>();
    for (Input in : inputs) {
      double[] x = new double[in.shape().size()];
      for (int i = 0; i < x.length; i++) {
        x[i] = (float) in.domain().applyAsDouble(rng.nextGaussian()); // the same in both types
      }
      arrays.add(Array.of(x, in.shape()));
    }
    return arrays;
  }

  private static final class Builder {
    private final SplittableRandom rng = new SplittableRandom(5);
    private final List<Case> cases = new ArrayList<>();

    void add(Op op, Shape value, Input... inputs) {
      List<Array> in = arrays(rng, inputs);
      int largest = in.stream().mapToInt(Array::size).reduce(value.size(), Math::max);
      cases.add(new Case(op, in, value, 4 + largest));
    }
  }
}
