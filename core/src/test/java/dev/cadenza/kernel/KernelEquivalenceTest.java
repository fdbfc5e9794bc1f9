package dev.cadenza.kernel;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Rounding;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The kernels that serve float32 against the portable ones in float64, at sizes that fill no vector
 * and at those of the networks this library is made for. Every method of every family has a case.
 */
class KernelEquivalenceTest {
  /** One element, less than a vector, primes around its multiples, and whole vectors. */
  private static final int[] SIZES = {1, 7, 13, 64, 207, 1021};

  private static final double EPS = 1e-5;

  private interface Call {
    List<Array> run(KernelSet k, Array... in);
  }

  /**
   * A call of a kernel.
   *
   * @param method family and method
   * @param terms the longest sum
   */
  record Case(String method, Call call, List<Shape> inputs, int terms) {
    @Override
    public String toString() {
      return method + inputs;
    }
  }

  private static final class Cases {
    private final List<Case> all = new ArrayList<>();

    void add(String method, int terms, Call call, Shape... inputs) {
      all.add(new Case(method, call, List.of(inputs), terms));
    }
  }

  static List<Case> cases() {
    Cases cases = new Cases();
    for (int n : SIZES) {
      elementwise(cases, Shape.of(n));
      elementwise(cases, Shape.of(3, n));
      softmax(cases, Shape.of(5, n), 1);
      softmax(cases, Shape.of(n, 5), 0);
      softmax(cases, Shape.of(2, n, 3), 1);
      normalization(cases, Shape.of(2, 3, n), Shape.of(5, n));
      normalization(cases, Shape.of(2, n, 3), Shape.of(n, 5));
      layout(cases, n);
      matrix(cases, n, 13, 7);
      matrix(cases, 7, n, 13);
      matrix(cases, 13, 7, n);
      convolution(cases, Shape.of(2, 3, 5, n), 4, Window.square(3).padding(1, 1), 1);
      convolution(cases, Shape.of(1, 4, n, 6), 6, Window.of(3, 2).padding(1, 1), 2);
      update(cases, n);
    }
    // the networks' own: 40 coefficients x 282 frames, 16 and 32 channels, 64 embedding
    softmax(cases, Shape.of(2, 4, 70, 70), 3);
    normalization(cases, Shape.of(2, 16, 40, 282), Shape.of(140, 64));
    matrix(cases, 140, 40, 512);
    convolution(cases, Shape.of(2, 1, 40, 282), 16, Window.square(3).padding(1, 1), 1);
    convolution(cases, Shape.of(1, 16, 20, 141), 32, Window.square(3).padding(1, 1), 1);
    convolution(cases, Shape.of(2, 3, 9, 11), 4, Window.of(3, 2).stride(2, 3).dilation(2, 1), 1);
    return cases.all;
  }

  private static void elementwise(Cases cases, Shape s) {
    cases.add("Elementwise.add", 1, (k, x) -> one(k.elementwise().add(x[0], x[1])), s, s);
    cases.add("Elementwise.sub", 1, (k, x) -> one(k.elementwise().sub(x[0], x[1])), s, s);
    cases.add("Elementwise.mul", 1, (k, x) -> one(k.elementwise().mul(x[0], x[1])), s, s);
    cases.add(
        "Elementwise.div",
        4,
        (k, x) -> one(k.elementwise().div(x[0], away(k, x[1]))), // divisors of at least 1
        s,
        s);
    Shape row = Shape.of(s.dim(-1));
    Shape column = s.with(-1, 1);
    for (Shape other : List.of(row, column, Shape.scalar())) {
      cases.add("Elementwise.add", 1, (k, x) -> one(k.elementwise().add(x[0], x[1])), s, other);
      cases.add("Elementwise.mul", 1, (k, x) -> one(k.elementwise().mul(x[0], x[1])), other, s);
    }
    cases.add("Elementwise.affine", 2, (k, x) -> one(k.elementwise().affine(x[0], -2, 0.5)), s);
    cases.add("Elementwise.exp", 2, (k, x) -> one(k.elementwise().exp(x[0])), s);
    cases.add("Elementwise.log", 2, (k, x) -> one(k.elementwise().log(away(k, x[0]))), s);
    cases.add("Elementwise.sqrt", 2, (k, x) -> one(k.elementwise().sqrt(away(k, x[0]))), s);
    cases.add("Elementwise.tanh", 2, (k, x) -> one(k.elementwise().tanh(x[0])), s);
    cases.add("Elementwise.sigmoid", 2, (k, x) -> one(k.elementwise().sigmoid(x[0])), s);
    cases.add("Elementwise.erf", 2, (k, x) -> one(k.elementwise().erf(x[0])), s);
    cases.add("Elementwise.relu", 1, (k, x) -> one(k.elementwise().relu(x[0])), s);
    cases.add(
        "Elementwise.reluGradient",
        1,
        (k, x) -> one(k.elementwise().reluGradient(x[0], x[1])),
        s,
        s);
    cases.add("Elementwise.dropout", 1, (k, x) -> one(k.elementwise().dropout(x[0], 0.3, 5)), s);
    cases.add("Elementwise.sum", s.size(), (k, x) -> one(k.elementwise().sum(x[0], 0)), s);
    int[] all = s.rank() == 1 ? new int[] {0} : new int[] {0, 1};
    cases.add("Elementwise.sum", s.size(), (k, x) -> one(k.elementwise().sum(x[0], all)), s);
    int last = s.rank() - 1;
    cases.add("Elementwise.sum", s.size(), (k, x) -> one(k.elementwise().sum(x[0], last)), s);
  }

  private static void softmax(Cases cases, Shape s, int axis) {
    int terms = 4 + s.dim(axis);
    cases.add("Softmax.softmax", terms, (k, x) -> one(k.softmax().softmax(x[0], axis)), s);
    cases.add("Softmax.logSoftmax", terms, (k, x) -> one(k.softmax().logSoftmax(x[0], axis)), s);
    cases.add(
        "Softmax.softmaxGradient",
        2 * terms,
        (k, x) -> one(k.softmax().softmaxGradient(k.softmax().softmax(x[0], axis), x[1], axis)),
        s,
        s);
    cases.add(
        "Softmax.logSoftmaxGradient",
        2 * terms,
        (k, x) ->
            one(k.softmax().logSoftmaxGradient(k.softmax().logSoftmax(x[0], axis), x[1], axis)),
        s,
        s);
  }

  /** Few values may deviate as little as a fifteenth: 4 steps, each 15 times as inexact. */
  private static void normalization(Cases cases, Shape image, Shape rows) {
    Shape c = Shape.of(image.dim(1));
    int perChannel = image.size() / c.size();
    cases.add(
        "Normalization.batchNorm",
        4 * perChannel + 60,
        (k, x) -> result(k.normalization().batchNorm(x[0], x[1], x[2], EPS)),
        image,
        c,
        c);
    cases.add(
        "Normalization.normalize",
        8,
        (k, x) -> one(k.normalization().normalize(x[0], x[1], x[2], x[3], away(k, x[4]), EPS)),
        image,
        c,
        c,
        c,
        c);
    cases.add(
        "Normalization.batchNormGradient",
        8 * perChannel + 60,
        (k, x) -> {
          Normalization.Result r = k.normalization().batchNorm(x[0], x[1], x[1], EPS);
          return gradients(
              k.normalization().batchNormGradient(x[0], x[1], r.mean(), r.variance(), EPS, x[2]));
        },
        image,
        c,
        image);
    Shape e = Shape.of(rows.dim(1));
    cases.add(
        "Normalization.layerNorm",
        4 * e.size() + 60,
        (k, x) -> result(k.normalization().layerNorm(x[0], x[1], x[2], EPS)),
        rows,
        e,
        e);
    cases.add(
        "Normalization.layerNormGradient",
        8 * rows.size() + 60,
        (k, x) -> {
          Normalization.Result r = k.normalization().layerNorm(x[0], x[1], x[1], EPS);
          return gradients(
              k.normalization().layerNormGradient(x[0], x[1], r.mean(), r.variance(), EPS, x[2]));
        },
        rows,
        e,
        rows);
  }

  private static void layout(Cases cases, int n) {
    Shape s = Shape.of(2, n, 3);
    cases.add("Layout.permute", 0, (k, x) -> one(k.layout().permute(x[0], 2, 0, 1)), s);
    cases.add("Layout.permute", 0, (k, x) -> one(k.layout().permute(x[0], 0, 2, 1)), s);
    cases.add("Layout.broadcast", 0, (k, x) -> one(k.layout().broadcast(x[0], s)), Shape.of(n, 1));
    cases.add(
        "Layout.concat",
        0,
        (k, x) -> one(k.layout().concat(List.of(x[0], x[1]), 1)),
        s,
        Shape.of(2, 5, 3));
    int half = n / 2;
    cases.add("Layout.slice", 0, (k, x) -> one(k.layout().slice(x[0], 1, half, n)), s);
    cases.add("Layout.pad", 0, (k, x) -> one(k.layout().pad(x[0], Shape.of(2, n + 4, 3), 1, 2)), s);
  }

  private static void matrix(Cases cases, int m, int inner, int n) {
    for (boolean transposeA : new boolean[] {false, true}) {
      for (boolean transposeB : new boolean[] {false, true}) {
        Shape a = transposeA ? Shape.of(inner, m) : Shape.of(m, inner);
        Shape b = transposeB ? Shape.of(n, inner) : Shape.of(inner, n);
        Call matmul = (k, x) -> one(k.matrix().matmul(x[0], transposeA, x[1], transposeB));
        cases.add("Matrix.matmul", inner, matmul, a, b);
        Shape batch = Shape.of(2, 3);
        cases.add(
            "Matrix.matmul", inner, matmul, batch.append(a.dims()), Shape.of(3).append(b.dims()));
      }
    }
    cases.add(
        "Matrix.linear",
        inner + 1,
        (k, x) -> one(k.matrix().linear(x[0], x[1], x[2])),
        Shape.of(m, inner),
        Shape.of(n, inner),
        Shape.of(n));
    cases.add(
        "Matrix.linear",
        inner,
        (k, x) -> one(k.matrix().linear(x[0], x[1], null)),
        Shape.of(m, inner),
        Shape.of(n, inner));
  }

  private static void convolution(Cases cases, Shape x, int out, Window window, int groups) {
    Shape w = Shape.of(out, x.dim(1) / groups, window.kH(), window.kW());
    if (window.outH(x.dim(2)) < 1 || window.outW(x.dim(3)) < 1) {
      throw new AssertionError("choose a window that fits");
    }
    Shape y = window.out("conv2d", x, out);
    cases.add(
        "Convolution.conv2d",
        1 + w.size(1, 4),
        (k, in) -> one(k.convolution().conv2d(in[0], in[1], in[2], window, groups)),
        x,
        w,
        Shape.of(out));
    cases.add(
        "Convolution.conv2d",
        w.size(1, 4),
        (k, in) -> one(k.convolution().conv2d(in[0], in[1], null, window, groups)),
        x,
        w);
    cases.add(
        "Convolution.inputGradient",
        out * w.size(2, 4),
        (k, in) -> one(k.convolution().inputGradient(in[0], in[1], x, window, groups)),
        y,
        w);
    cases.add(
        "Convolution.weightGradient",
        y.dim(0) * y.size(2, 4),
        (k, in) -> one(k.convolution().weightGradient(in[0], in[1], w, window, groups)),
        y,
        x);
    for (Window pool : List.of(window, Window.pool(2, 2), Window.pool(4, 4))) {
      if (pool.outH(x.dim(2)) > 0 && pool.outW(x.dim(3)) > 0) {
        cases.add(
            "Convolution.maxPool", 0, (k, in) -> one(k.convolution().maxPool(in[0], pool)), x);
        cases.add(
            "Convolution.maxPoolGradient",
            pool.kH() * pool.kW(),
            (k, in) -> {
              Array best = k.convolution().maxPool(in[0], pool);
              return one(k.convolution().maxPoolGradient(in[0], best, in[1], pool));
            },
            x,
            pool.out("maxPool2d", x, x.dim(1)));
      }
    }
  }

  private static void update(Cases cases, int n) {
    Shape s = Shape.of(n);
    for (boolean nesterov : new boolean[] {false, true}) {
      for (boolean first : new boolean[] {false, true}) {
        Update.Sgd sgd = new Update.Sgd(0.1, 0.9, nesterov ? 0 : 0.2, nesterov, 0.01, first);
        cases.add(
            "Update.sgd",
            8,
            (k, x) -> {
              Array p = x[0].copy();
              Array v = x[2].copy();
              k.update().sgd(p, x[1], v, sgd);
              return List.of(p, v);
            },
            s,
            s,
            s);
      }
    }
    cases.add(
        "Update.sgd",
        4,
        (k, x) -> {
          Array p = x[0].copy();
          k.update().sgd(p, x[1], null, new Update.Sgd(0.1, 0, 0, false, 0, true));
          return one(p);
        },
        s,
        s);
    for (boolean decoupled : new boolean[] {false, true}) {
      Update.Adam adam = new Update.Adam(0.01, 0.9, 0.999, 1e-8, 0.1, decoupled, 3);
      cases.add(
          "Update.adam",
          16,
          (k, x) -> {
            Array p = x[0].copy();
            Array mean = x[2].copy();
            Array square = away(k, x[3]);
            k.update().adam(p, x[1], mean, square, adam);
            return List.of(p, mean, square);
          },
          s,
          s,
          s,
          s);
    }
  }

  private static List<Array> one(Array y) {
    return List.of(y);
  }

  private static List<Array> result(Normalization.Result r) {
    return List.of(r.y(), r.mean(), r.variance());
  }

  private static List<Array> gradients(Normalization.Gradients g) {
    return List.of(g.x(), g.gamma(), g.beta());
  }

  /** {@code x^2 + 1}: positive, for what takes no other numbers. */
  private static Array away(KernelSet k, Array x) {
    return k.elementwise().affine(k.elementwise().mul(x, x), 1, 1);
  }

  @Test
  void every_method_of_every_family_has_a_case() {
    Set<String> methods =
        Stream.of(
                Elementwise.class,
                Matrix.class,
                Convolution.class,
                Normalization.class,
                Softmax.class,
                Layout.class,
                Update.class)
            .flatMap(family -> Arrays.stream(family.getDeclaredMethods()))
            .filter(m -> !Modifier.isStatic(m.getModifiers()) && !m.isSynthetic())
            .map(KernelEquivalenceTest::name)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> tested =
        cases().stream().map(Case::method).collect(Collectors.toCollection(TreeSet::new));
    assertThat(methods).hasSize(38).isEqualTo(tested);
  }

  private static String name(Method m) {
    return m.getDeclaringClass().getSimpleName() + "." + m.getName();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void what_serves_float32_computes_what_portable_kernels_define(Case c) {
    SplittableRandom rng = new SplittableRandom(c.inputs().hashCode());
    Array[] single = c.inputs().stream().map(s -> normal(rng, s)).toArray(Array[]::new);
    Array[] exact = Arrays.stream(single).map(a -> a.cast(DType.FLOAT64)).toArray(Array[]::new);
    List<Array> expected = c.call().run(Kernels.portable(), exact);
    List<Array> actual = c.call().run(Kernels.of(DType.FLOAT32), single);
    for (int i = 0; i < expected.size(); i++) {
      Tensor want = Tensor.of(expected.get(i));
      double size = Rounding.size(want);
      assertThat(actual.get(i))
          .as("result %d", i)
          .hasType(DType.FLOAT32)
          .isCloseTo(want, Rounding.bound(DType.FLOAT32, c.terms(), size), 4 * Math.ulp(1f));
    }
    for (int i = 0; i < single.length; i++) {
      assertThat(single[i])
          .as("input %d", i)
          .hasSameBitsAs(Tensor.of(exact[i].cast(DType.FLOAT32)));
    }
  }

  private static Array normal(SplittableRandom rng, Shape shape) {
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) rng.nextGaussian();
    }
    return Array.of(x, shape);
  }
}
