package dev.cadenza.kernel;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The active kernels against the portable ones in float64, at awkward sizes and at those of the
 * networks. Under {@code -Dcadenza.kernels=portable} this holds the portable kernels in float32
 * against themselves in float64.
 */
class KernelEquivalenceTest {
  private static final int[] LENGTHS = {1, 7, 13, 64, 207, 1021};

  /**
   * One call with one kind of inputs.
   *
   * @param terms how many products or terms each element of the result sums up
   */
  record Case(String name, int terms, List<Array> in, Function<List<Array>, Array> f) {
    /** Rounding of a sum of n terms of size 1 grows with sqrt(n); four deviations, and one ulp. */
    double tolerance() {
      return 4 * Math.sqrt(terms) * Math.ulp(1f) + Math.ulp(4f);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static final SplittableRandom RNG = new SplittableRandom(11);

  private static Array random(int... shape) {
    Shape s = Shape.of(shape);
    float[] v = new float[s.size()];
    for (int i = 0; i < v.length; i++) {
      v[i] = (float) (2 * RNG.nextDouble() - 1);
    }
    return Array.of(v, s);
  }

  private static KernelSet kernels(List<Array> in) {
    return Kernels.of(in.get(0));
  }

  private interface Call<K> {
    Array of(K kernel, List<Array> in);
  }

  private static <K> Case test(
      String name, int terms, Function<KernelSet, K> family, Call<K> call, Array... in) {
    String title = name + Stream.of(in).map(a -> " " + a.shape()).reduce("", String::concat);
    return new Case(title, terms, List.of(in), a -> call.of(family.apply(kernels(a)), a));
  }

  static List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (int n : LENGTHS) {
      elementwise(cases, random(3, n), random(3, n));
      layout(cases, n);
      rows(cases, n);
      matrices(cases, n);
    }
    int[][] products = {
      {70, 40, 120},
      {70, 40, 512},
      {70, 512, 40},
      {32, 1064, 8},
      {41, 521, 207},
      {207, 521, 41},
      {300, 400, 400}
    };
    for (int[] mkn : products) {
      matrix(cases, mkn[0], mkn[1], mkn[2]);
    }
    for (int[] shape :
        new int[][] {{70, 40, 512}, {1027, 37, 51}, {1100, 40, 512}, {1024, 80, 1}}) {
      linearGradient(cases, shape[0], shape[1], shape[2]);
    }
    int[][] images = {
      {2, 1, 7, 13},
      {1, 3, 13, 7},
      {3, 16, 20, 141}, // two images make a chunk of the portable convolution, and one is left
      {3, 32, 5, 35},
      {2, 5, 1, 64},
      {2, 13, 9, 11},
      {1, 21, 4, 40}
    };
    for (int[] image : images) {
      for (int k : new int[] {1, 3, 5}) {
        for (int dilation : new int[] {1, 2}) {
          Window same =
              Window.square(k)
                  .padding(dilation * (k - 1) / 2, dilation * (k - 1) / 2)
                  .dilation(dilation, dilation);
          convolution(cases, image, same, 1);
        }
      }
      convolution(cases, image, Window.of(1, 4).padding(0, 1), 1);
      convolution(cases, image, Window.square(3).padding(1, 1).stride(2, 1), 1);
      for (int[] pool : new int[][] {{1, 4}, {2, 2}, {4, 4}, {3, 2}, {1, 3}, {2, 5}, {3, 1}}) {
        pooling(cases, image, Window.pool(pool[0], pool[1]));
      }
      pooling(cases, image, Window.of(1, 3).stride(1, 2).padding(0, 1));
    }
    for (int width : new int[] {13, 17, 19, 40, 100}) { // wider than the vectors, and not even
      pooling(cases, new int[] {1, 3, 2, 6 * width + 1}, Window.pool(1, width));
      pooling(cases, new int[] {1, 9, 5, width}, Window.pool(2, width));
    }
    convolution(cases, new int[] {2, 6, 9, 11}, Window.square(3).padding(1, 1), 3);
    for (int width : new int[] {5, 17, 18, 31, 33, 70}) {
      blockGradients(cases, new int[] {2, 12, 4, width});
    }
    blockGradients(cases, new int[] {1, 12, 12, 70}); // more than the weights' gradient takes
    for (int channels : new int[] {1, 3, 9}) {
      for (Window pool : List.of(Window.pool(1, 1), Window.pool(2, 2), Window.pool(4, 3))) {
        foldedBlock(cases, channels, Window.square(3).padding(1, 1), pool);
        foldedBlock(cases, channels, Window.square(3).padding(2, 6).dilation(2, 6), pool);
        foldedBlock(cases, channels, Window.of(11, 5).padding(5, 2), pool);
        foldedBlock(cases, channels, Window.of(1, 41).padding(0, 20), pool);
      }
    }
    return cases;
  }

  private static void elementwise(List<Case> cases, Array a, Array b) {
    Function<KernelSet, Elementwise> e = KernelSet::elementwise;
    Array row = random(a.shape().dim(1));
    Array positive = Kernels.of(a).elementwise().affine(a, 1, 1.5);
    cases.add(test("add", 1, e, (k, in) -> k.add(in.get(0), in.get(1)), a, b));
    cases.add(test("add", 1, e, (k, in) -> k.add(in.get(0), in.get(1)), a, row));
    cases.add(test("sub", 1, e, (k, in) -> k.sub(in.get(0), in.get(1)), a, b));
    cases.add(test("mul", 1, e, (k, in) -> k.mul(in.get(0), in.get(1)), a, b));
    cases.add(test("div", 1, e, (k, in) -> k.div(in.get(0), in.get(1)), a, positive));
    cases.add(test("affine", 1, e, (k, in) -> k.affine(in.get(0), 0.75, -2), a));
    cases.add(test("exp", 4, e, (k, in) -> k.exp(in.get(0)), a));
    cases.add(test("log", 1, e, (k, in) -> k.log(in.get(0)), positive));
    cases.add(test("sqrt", 1, e, (k, in) -> k.sqrt(in.get(0)), positive));
    cases.add(test("tanh", 1, e, (k, in) -> k.tanh(in.get(0)), a));
    cases.add(test("sigmoid", 1, e, (k, in) -> k.sigmoid(in.get(0)), a));
    cases.add(test("erf", 1, e, (k, in) -> k.erf(in.get(0)), a));
    cases.add(test("relu", 1, e, (k, in) -> k.relu(in.get(0)), a));
    cases.add(test("reluGradient", 1, e, (k, in) -> k.reluGradient(in.get(0), in.get(1)), a, b));
    cases.add(test("dropout", 1, e, (k, in) -> k.dropout(in.get(0), 0.3, 5), a));
    int n = a.shape().dim(1);
    Array cube = random(2, n, 3);
    cases.add(test("sum 0", 2, e, (k, in) -> k.sum(in.get(0), 0), cube));
    cases.add(test("sum 1", n, e, (k, in) -> k.sum(in.get(0), 1), cube));
    cases.add(test("sum 0 2", 6, e, (k, in) -> k.sum(in.get(0), 0, 2), cube));
    cases.add(test("sum all", 6 * n, e, (k, in) -> k.sum(in.get(0), 0, 1, 2), cube));
  }

  private static void layout(List<Case> cases, int n) {
    Function<KernelSet, Layout> f = KernelSet::layout;
    Array x = random(3, n, 5, 2);
    for (int[] order : new int[][] {{3, 1, 0, 2}, {0, 2, 1, 3}, {1, 0, 2, 3}, {0, 1, 3, 2}}) {
      String name = "permute " + Arrays.toString(order);
      cases.add(test(name, 1, f, (k, in) -> k.permute(in.get(0), order), x));
    }
    cases.add(
        test(
            "broadcast", 1, f, (k, in) -> k.broadcast(in.get(0), Shape.of(2, 3, n)), random(3, 1)));
    for (int axis = 0; axis < 3; axis++) {
      int[] other = {3, n, 5};
      other[axis] = 4;
      int a = axis;
      cases.add(
          test("concat " + a, 1, f, (k, in) -> k.concat(in, a), random(3, n, 5), random(other)));
      cases.add(test("slice " + a, 1, f, (k, in) -> k.slice(in.get(0), a, 1, 3), random(other)));
      Shape wide = Shape.of(3, n, 5).with(a, 7);
      cases.add(test("pad " + a, 1, f, (k, in) -> k.pad(in.get(0), wide, a, 2), random(other)));
    }
  }

  private static void rows(List<Case> cases, int n) {
    Function<KernelSet, Softmax> s = KernelSet::softmax;
    Array x = random(5, n);
    Array g = random(5, n);
    cases.add(test("softmax", 4, s, (k, in) -> k.softmax(in.get(0), 1), x));
    cases.add(test("softmax 0", 4, s, (k, in) -> k.softmax(in.get(0), 0), x));
    cases.add(test("logSoftmax", 8, s, (k, in) -> k.logSoftmax(in.get(0), 1), x));
    cases.add(
        test("softmaxGradient", n, s, (k, in) -> k.softmaxGradient(in.get(0), in.get(1), 1), x, g));
    cases.add(
        test(
            "logSoftmaxGradient",
            n,
            s,
            (k, in) -> k.logSoftmaxGradient(in.get(0), in.get(1), 1),
            x,
            g));
    if (n == 1) {
      return; // a single value has no variance
    }
    Function<KernelSet, Normalization> f = KernelSet::normalization;
    Array gamma = random(n);
    Array beta = random(n);
    Array image = random(3, 4, n);
    Array gImage = random(3, 4, n);
    Array c = random(4);
    for (int part = 0; part < 3; part++) {
      int i = part;
      cases.add(
          test(
              "layerNorm " + i,
              16 * n,
              f,
              (k, in) -> part(k.layerNorm(in.get(0), in.get(1), in.get(2), 1e-5), i),
              x,
              gamma,
              beta));
      cases.add(
          test(
              "layerNormGradient " + i,
              256 * n,
              f,
              (k, in) -> {
                var r = k.layerNorm(in.get(0), in.get(1), in.get(2), 1e-5);
                return part(
                    k.layerNormGradient(
                        in.get(0), in.get(1), r.mean(), r.variance(), 1e-5, in.get(3)),
                    i);
              },
              x,
              gamma,
              beta,
              g));
      cases.add(
          test(
              "batchNorm " + i,
              16 * n,
              f,
              (k, in) -> part(k.batchNorm(in.get(0), in.get(1), in.get(1), 1e-5), i),
              image,
              c));
      cases.add(
          test(
              "batchNormGradient " + i,
              64 * n,
              f,
              (k, in) -> {
                var r = k.batchNorm(in.get(0), in.get(1), in.get(1), 1e-5);
                return part(
                    k.batchNormGradient(
                        in.get(0), in.get(1), r.mean(), r.variance(), 1e-5, in.get(2)),
                    i);
              },
              image,
              c,
              gImage));
    }
  }

  private static Array part(Normalization.Result r, int i) {
    return i == 0 ? r.y() : i == 1 ? r.mean() : r.variance();
  }

  private static Array part(Normalization.Gradients r, int i) {
    return i == 0 ? r.x() : i == 1 ? r.gamma() : r.beta();
  }

  private static void matrices(List<Case> cases, int n) {
    matrix(cases, n, 13, 7);
    matrix(cases, 7, n, 13);
    matrix(cases, 13, 7, n);
  }

  private static void matrix(List<Case> cases, int m, int k, int n) {
    Function<KernelSet, Matrix> f = KernelSet::matrix;
    for (boolean ta : new boolean[] {false, true}) {
      for (boolean tb : new boolean[] {false, true}) {
        Array a = ta ? random(k, m) : random(m, k);
        Array b = tb ? random(n, k) : random(k, n);
        cases.add(
            test(
                "matmul" + (ta ? " a^T" : "") + (tb ? " b^T" : ""),
                k,
                f,
                (kernel, in) -> kernel.matmul(in.get(0), ta, in.get(1), tb),
                a,
                b));
      }
    }
    cases.add(
        test(
            "batched matmul",
            k,
            f,
            (kernel, in) -> kernel.matmul(in.get(0), false, in.get(1), false),
            random(2, 1, m, k),
            random(3, k, n)));
    cases.add(
        test(
            "linear",
            k,
            f,
            (kernel, in) -> kernel.linear(in.get(0), in.get(1), in.get(2)),
            random(m, k),
            random(n, k),
            random(n)));
  }

  private static void linearGradient(List<Case> cases, int rows, int in, int out) {
    Array x = random(rows, in);
    Array w = random(out, in);
    Array g = random(rows, out);
    Function<KernelSet, Matrix> f = KernelSet::matrix;
    Call<Matrix> gx =
        (k, a) -> requireNonNull(k.linearGradient(a.get(0), a.get(1), a.get(2), true, true).x());
    Call<Matrix> gw =
        (k, a) -> k.linearGradient(a.get(0), a.get(1), a.get(2), false, false).weight();
    Call<Matrix> gb =
        (k, a) ->
            requireNonNull(k.linearGradient(a.get(0), a.get(1), a.get(2), false, true).bias());
    cases.add(test("linear, x", out, f, gx, x, w, g));
    cases.add(test("linear, weight", rows, f, gw, x, w, g));
    cases.add(test("linear, bias", rows, f, gb, x, w, g));
  }

  private static void convolution(List<Case> cases, int[] image, Window window, int groups) {
    Shape x = Shape.of(image);
    int cin = image[1] / groups;
    int cout = 2 * image[1] + groups - image[1] % groups;
    if (window.outH(image[2]) < 1 || window.outW(image[3]) < 1) {
      return;
    }
    Shape out = window.out("conv2d", x, cout);
    int taps = window.kH() * window.kW();
    Array w = random(cout, cin, window.kH(), window.kW());
    Array g = random(out.dims());
    String name = " " + window + " groups " + groups;
    Function<KernelSet, Convolution> f = KernelSet::convolution;
    cases.add(
        test(
            "conv2d" + name,
            cin * taps,
            f,
            (k, in) -> k.conv2d(in.get(0), in.get(1), in.get(2), window, groups),
            random(image),
            w,
            random(cout)));
    cases.add(
        test(
            "inputGradient" + name,
            cout * taps,
            f,
            (k, in) -> k.inputGradient(in.get(0), in.get(1), x, window, groups),
            g,
            w));
    cases.add(
        test(
            "weightGradient" + name,
            image[0] * out.dim(2) * out.dim(3),
            f,
            (k, in) -> k.weightGradient(in.get(0), in.get(1), w.shape(), window, groups),
            g,
            random(image)));
  }

  /** On a fresh thread what is read beyond the rows of a block is beyond its memory. */
  private static void blockGradients(List<Case> cases, int[] image) {
    int cout = 9;
    ConvolutionBlock.Settings settings = block(Window.pool(2, 2), null);
    Array filters = random(cout, image[1], 3, 3);
    Array g = random(image[0], cout, image[2] / 2, image[3] / 2);
    Array[] in = {random(image), filters, random(cout), random(cout), random(cout), g};
    Map<String, Function<ConvolutionBlock.Gradients, Array>> wanted =
        Map.of("x", y -> requireNonNull(y.x()), "weight", ConvolutionBlock.Gradients::weight);
    wanted.forEach(
        (name, gradient) ->
            cases.add(
                test(
                    "block's gradient by " + name,
                    image[0] * image[2] * image[3] + cout * 9,
                    KernelSet::convolutionBlock,
                    (block, a) -> {
                      ConvolutionBlock.Inputs inputs =
                          new ConvolutionBlock.Inputs(
                              a.get(0), a.get(1), a.get(2), a.get(3), a.get(4));
                      ConvolutionBlock.Result result = block.forward(inputs, settings, true);
                      return gradient.apply(
                          block.gradient(inputs, settings, result, a.get(5), true));
                    },
                    in)));
  }

  private static void foldedBlock(List<Case> cases, int channels, Window conv, Window pool) {
    cases.add(
        test(
            "folded block " + conv + " " + pool,
            channels * conv.kH() * conv.kW(),
            KernelSet::convolutionBlock,
            (block, a) -> {
              ConvolutionBlock.Inputs inputs =
                  new ConvolutionBlock.Inputs(a.get(0), a.get(1), a.get(2), a.get(3), a.get(4));
              ConvolutionBlock.Statistics given =
                  new ConvolutionBlock.Statistics(a.get(5), a.get(6));
              ConvolutionBlock.Settings settings =
                  new ConvolutionBlock.Settings(conv, pool, 1e-5, given, 0, 0);
              return block.folded(inputs, settings).apply(a.get(0));
            },
            random(2, channels, 6, 11),
            random(9, channels, conv.kH(), conv.kW()),
            random(9),
            random(9),
            random(9),
            random(9),
            Array.full(DType.FLOAT32, Shape.of(9), 0.5)));
  }

  private static void pooling(List<Case> cases, int[] image, Window window) {
    if (window.outH(image[2]) < 1 || window.outW(image[3]) < 1) {
      return;
    }
    Function<KernelSet, Convolution> f = KernelSet::convolution;
    Array g = random(window.out("maxPool2d", Shape.of(image), image[1]).dims());
    float[] tied = random(image).toFloatArray();
    for (int i = 0; i < tied.length; i++) {
      tied[i] = Math.round(4 * tied[i]); // the first of equal values wins
    }
    cases.add(
        test("maxPool " + window, 1, f, (k, in) -> k.maxPool(in.get(0), window), random(image)));
    cases.add(
        test(
            "maxPoolGradient " + window,
            4,
            f,
            (k, in) ->
                k.maxPoolGradient(in.get(0), k.maxPool(in.get(0), window), in.get(1), window),
            Array.of(tied, Shape.of(image)),
            g));
  }

  /** Where no scratch memory has grown beyond what this one call asks for. */
  private static Array onFreshThread(Callable<Array> call) throws Exception {
    int threads = Threads.count();
    Threads.use(1);
    FutureTask<Array> task = new FutureTask<>(call);
    new Thread(task).start();
    try {
      return task.get();
    } finally {
      Threads.use(threads);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void equals_the_portable_kernel_in_float64(Case c) throws Exception {
    List<Array> wide = c.in().stream().map(a -> a.cast(DType.FLOAT64)).toList();
    Array actual = onFreshThread(() -> c.f().apply(c.in()));
    Array expected = c.f().apply(wide);
    assertThat(actual.type()).isEqualTo(DType.FLOAT32);
    assertThat(actual).hasShape(expected.shape());
    double size = largest(expected);
    assertThat(actual).isCloseTo(Tensor.of(expected), c.tolerance() * Math.max(1, size));
  }

  private static double largest(Array a) {
    return DoubleStream.of(a.toDoubleArray()).map(Math::abs).max().orElse(0);
  }

  @Test
  void there_are_as_many_cases_as_there_were() {
    assertThat(cases()).hasSizeGreaterThan(350);
  }

  @Test
  void updates_equal_the_portable_ones() {
    for (int n : LENGTHS) {
      for (boolean first : new boolean[] {true, false}) {
        Update.Sgd sgd = new Update.Sgd(0.1, 0.8, 0.25, n % 2 == 0, 1e-2, first);
        Array[] fast = IntStream.range(0, 3).mapToObj(i -> random(n)).toArray(Array[]::new);
        Array[] wide = Stream.of(fast).map(a -> a.cast(DType.FLOAT64)).toArray(Array[]::new);
        Kernels.of(fast[0]).update().sgd(fast[0], fast[1], fast[2], sgd);
        Kernels.of(wide[0]).update().sgd(wide[0], wide[1], wide[2], sgd);
        assertThat(fast[0]).isCloseTo(Tensor.of(wide[0]), 4 * Math.ulp(2f));
        assertThat(fast[2]).isCloseTo(Tensor.of(wide[2]), 4 * Math.ulp(2f));
      }
    }
  }

  /** The first products, exponentials, activations and pooling windows of a JVM are plain loops. */
  @Test
  void plain_loops_round_as_the_vectors_that_follow_them() {
    Array qkv = random(3, 37, 3 * 24);
    Array left = random(19, 37);
    Array right = random(37, 7 * SimdProduct.LANES + 3);
    Array images = random(2, 3, 8, 4 * SimdProduct.LANES + 12);
    Array single = random(19, 1, 3, 3);
    Array many = random(19, 9, 3, 3);
    List<Array> clips = // few rows: filters are shared out
        List.of(
            random(1, 1, 4, 4 * SimdProduct.LANES + 12),
            random(1, 9, 4, 4 * SimdProduct.LANES + 12));
    Array ones = Array.full(DType.FLOAT32, Shape.of(19), 1);
    ConvolutionBlock.Statistics given = new ConvolutionBlock.Statistics(ones, ones);
    Fused.FeedForward feedForward =
        new Fused.FeedForward(random(41, 37), random(41), random(37, 41), random(37), 0.3, 7);
    List<float[]> plain = new ArrayList<>();
    List<float[]> vectors = new ArrayList<>();
    for (List<float[]> results : List.of(plain, vectors)) {
      SimdProduct.plainWork = results == plain ? Long.MAX_VALUE : 0;
      for (double p : new double[] {0, 0.3}) {
        SimdAttention attention = new SimdAttention(qkv, 3, p, 7);
        results.add(attention.forward().toFloatArray());
        results.add(attention.gradient(attention.forward()).toFloatArray());
      }
      for (Array clip : clips) {
        Array filters = clip.shape().dim(1) == 1 ? single : many;
        for (int rows : new int[] {2, 4}) {
          results.add(
              new SimdFoldedBlock(
                      new ConvolutionBlock.Inputs(clip, filters, ones, ones, ones),
                      block(Window.pool(rows, 2), given),
                      given)
                  .apply(clip)
                  .toFloatArray());
        }
      }
      results.add(new SimdFeedForward(feedForward).forward(false).apply(left).toFloatArray());
      results.add(new SimdFeedForward(feedForward).gradient(left, left).w1().toFloatArray());
      for (Window pool : List.of(Window.pool(2, 2), Window.pool(4, 4))) {
        Convolution convolution = Kernels.of(images).convolution();
        Array largest = convolution.maxPool(images, pool);
        results.add(largest.toFloatArray());
        results.add(convolution.maxPoolGradient(images, largest, largest, pool).toFloatArray());
      }
      for (int m = 1; m <= 19; m += 3) {
        Array rows = Array.of(Arrays.copyOf(left.toFloatArray(), m * 37), Shape.of(m, 37));
        results.add(Kernels.of(rows).matrix().matmul(rows, false, right, false).toFloatArray());
      }
    }
    for (int i = 0; i < plain.size(); i++) {
      assertThat(plain.get(i)).isEqualTo(vectors.get(i));
    }
    for (float x = -90; x < 88.3f; x += 0.0137f) {
      FloatVector exp = SimdRows.expOfSmall(FloatVector.broadcast(SimdProduct.S, x));
      assertThat(SimdRows.expOfSmall(x)).isEqualTo(exp.lane(0));
    }
  }

  private static ConvolutionBlock.Settings block(
      Window pool, ConvolutionBlock.@Nullable Statistics given) {
    return new ConvolutionBlock.Settings(Window.square(3).padding(1, 1), pool, 1e-5, given, 0, 0);
  }

  /**
   * The points of F(4, 3) decide on its rounding: the squared error is 0.8 of that of longer sums
   * with 5/8 and 3/2, 1.7 with 1 and 2, 9 with 1/4 and 4.
   */
  @Test
  void four_rows_of_outputs_made_together_round_no_more_than_one_by_one() {
    Array x = random(4, 16, 16, 80);
    Array filters = random(32, 16, 3, 3);
    List<double[]> results = new ArrayList<>();
    for (DType type : List.of(DType.FLOAT64, DType.FLOAT32)) {
      Array ones = Array.full(type, Shape.of(32), 1);
      ConvolutionBlock.Inputs in =
          new ConvolutionBlock.Inputs(x.cast(type), filters.cast(type), ones, ones, ones);
      ConvolutionBlock.Settings settings =
          block(Window.pool(4, 4), new ConvolutionBlock.Statistics(ones, ones));
      ConvolutionBlock block =
          type == DType.FLOAT32 ? new SimdConvolutionBlock() : Kernels.of(ones).convolutionBlock();
      results.add(block.forward(in, settings, false).y().toDoubleArray());
      results.add(block.folded(in, settings).apply(in.x()).toDoubleArray());
    }
    double[] exact = results.get(0);
    double single = squareError(results.get(2), exact);
    assertThat(squareError(results.get(3), exact)).isStrictlyBetween(0.0, 1.2 * single);
  }

  /** Six rows added up, or filters, would not be finite where the products one by one are. */
  @Test
  void where_sums_beforehand_would_overflow_a_block_computes_one_by_one() {
    Array ones = Array.full(DType.FLOAT32, Shape.of(8), 1);
    ConvolutionBlock.Settings settings =
        block(Window.pool(4, 4), new ConvolutionBlock.Statistics(ones, ones));
    ConvolutionBlock block = new SimdConvolutionBlock();
    float[][] inputsAndFilters = {
      {Float.POSITIVE_INFINITY, 0}, {3e38f, 1e-30f}, {1e-30f, 3e38f}, {-3e38f, -1e-3f}
    };
    for (float[] values : inputsAndFilters) {
      Array x = Array.full(DType.FLOAT32, Shape.of(1, 8, 8, 8), values[0]);
      Array filters = Array.full(DType.FLOAT32, Shape.of(8, 8, 3, 3), values[1]);
      ConvolutionBlock.Inputs in = new ConvolutionBlock.Inputs(x, filters, ones, ones, ones);
      float[] expected = block.forward(in, settings, false).y().toFloatArray();
      float[] actual = block.folded(in, settings).apply(x).toFloatArray();
      for (int i = 0; i < expected.length; i++) {
        assertThat(actual[i]).isCloseTo(expected[i], withinPercentage(1e-3));
      }
    }
  }

  private static double squareError(double[] actual, double[] expected) {
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += (actual[i] - expected[i]) * (actual[i] - expected[i]);
    }
    return sum;
  }

  @Test
  void weights_made_ready_for_many_calls_are_not_those_of_the_last_one() {
    Fused fused = new SimdFused();
    Array x = random(5, 37);
    Fused.FeedForward ready =
        new Fused.FeedForward(random(41, 37), random(41), random(37, 41), random(37), 0, 0);
    Fused.FeedForward other =
        new Fused.FeedForward(random(41, 37), random(41), random(37, 41), random(37), 0, 0);
    UnaryOperator<Array> f = fused.feedForward(ready);
    float[] before = f.apply(x).toFloatArray();
    assertThat(fused.feedForward(x, other).toFloatArray()).isNotEqualTo(before);
    fused.feedForwardGradient(x, other, x);
    assertThat(f.apply(x).toFloatArray()).isEqualTo(before);
    assertThat(fused.feedForward(x, ready).toFloatArray()).isEqualTo(before);
  }

  /** Many times, so that the call is interpreted first and compiled in the end. */
  @Test
  void a_magnitude_of_nan_has_no_sign_compiled_or_not() {
    SimdProduct.plainWork = 0;
    float[] run = new float[3 * SimdProduct.LANES + 5];
    for (int i = 0; i < run.length; i++) {
      run[i] = i % 2 == 0 ? i : -i;
    }
    for (int repeat = 0; repeat < 20_000; repeat++) {
      int place = repeat % run.length;
      float kept = run[place];
      assertThat(SimdRows.largestMagnitude(run, run.length)).isEqualTo(run.length - 1f);
      run[place] = Float.intBitsToFloat(repeat % 3 == 0 ? 0x7FC00000 : 0xFFC00000);
      assertThat(SimdRows.largestMagnitude(run, run.length)).isNaN();
      run[place] = kept;
    }
  }

  /** Many times, so that the call is interpreted first and compiled in the end. */
  @Test
  void lanes_are_summed_in_one_order_compiled_or_not() {
    for (int run = 0; run < 20_000; run++) {
      float[] lanes = new float[SimdProduct.LANES];
      for (int i = 0; i < lanes.length; i++) {
        lanes[i] = (float) RNG.nextDouble();
      }
      float total = (float) SimdRows.sum(lanes, 0, lanes.length);
      float[] rows = Arrays.copyOf(lanes, 3 * lanes.length);
      System.arraycopy(lanes, 0, rows, lanes.length, lanes.length);
      SimdRows.totals(rows, 2);
      assertThat(rows[0]).isEqualTo(total);
      assertThat(rows[lanes.length]).isEqualTo(total);
      for (int half = lanes.length / 2; half > 0; half /= 2) {
        for (int i = 0; i < half; i++) {
          lanes[i] += lanes[i + half];
        }
      }
      assertThat(total).isEqualTo(lanes[0]);
    }
  }

  /** Two windows without a number above minus infinity, one with a tie, two with NaN. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void pooling_finds_nan_and_minus_infinity(DType type) {
    double low = Double.NEGATIVE_INFINITY;
    double nan = Double.NaN;
    double[] in = {low, low, low, low, 2, 2, nan, 1, 3, nan};
    Array x = Array.of(in, Shape.of(1, 1, 1, 10)).cast(type);
    Array g = Array.of(new double[] {1, 2, 3, 4, 5}, Shape.of(1, 1, 1, 5)).cast(type);
    Window pairs = Window.pool(1, 2);
    Convolution kernel = Kernels.portable().convolution();
    Array y = kernel.maxPool(x, pairs);
    assertThat(y.toDoubleArray()).containsExactly(low, low, 2, nan, nan);
    assertThat(kernel.maxPoolGradient(x, y, g, pairs).toDoubleArray())
        .containsExactly(1, 0, 2, 0, 3, 0, 4, 0, 0, 5);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void the_gradient_of_relu_passes_nan_and_stops_infinity(DType type) {
    double inf = Double.POSITIVE_INFINITY;
    Array y = Array.of(new double[] {0, 1, Double.NaN, -0.0, 5}, Shape.of(5)).cast(type);
    Array g = Array.of(new double[] {inf, inf, 7, Double.NaN, -3}, Shape.of(5)).cast(type);
    assertThat(Kernels.portable().elementwise().reluGradient(y, g).toDoubleArray())
        .containsExactly(0, inf, 7, 0, -3);
  }

  /** The first tile of the first channel is far from the others: its mean is a bad guess. */
  @Test
  void batch_norm_in_one_pass_stands_a_first_tile_apart() {
    int plane = 4096;
    double[] in = new double[3 * plane];
    for (int i = 0; i < in.length; i++) {
      in[i] = (i < plane ? 1e8 : 0) + i % 7;
    }
    Array x = Array.of(in, Shape.of(3, 1, 1, plane));
    Array one = Array.of(new double[] {1}, Shape.of(1));
    Normalization.Result r = Kernels.portable().normalization().batchNorm(x, one, one, 1e-5);
    double mean = Arrays.stream(in).average().orElseThrow();
    double variance = Arrays.stream(in).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
    // The guess is at most sqrt(3) standard deviations off: three roundings, and those of the sums.
    assertThat(r.mean().toDoubleArray()[0] / mean).isCloseTo(1, within(1e-14));
    assertThat(r.variance().toDoubleArray()[0] / variance).isCloseTo(1, within(1e-13));
  }

  /** More tiles than are summed up in floats. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void batch_norm_of_many_images_knows_their_mean_and_variance(DType type) {
    double[] in = new double[150 * 4096];
    Arrays.setAll(in, i -> 3 + i % 5);
    Array x = Array.of(in, Shape.of(150, 1, 1, 4096)).cast(type);
    Array one = Array.full(type, Shape.of(1), 1);
    Normalization.Result r = Kernels.portable().normalization().batchNorm(x, one, one, 1e-5);
    assertThat(r.mean().toDoubleArray()[0]).isCloseTo(5, within(1e-6));
    assertThat(r.variance().toDoubleArray()[0]).isCloseTo(2, within(1e-6));
  }

  /** Of either sign: x86 makes negative ones, Java positive ones. */
  @ParameterizedTest
  @ValueSource(ints = {0x7fc00000, 0xffc00000})
  void attention_to_nan_is_nan(int bits) {
    int t = 70;
    float[] qkv = new float[2 * t * 12];
    qkv[5 * 12 + 4] = Float.intBitsToFloat(bits); // a key of the first sequence
    SimdAttention attention = new SimdAttention(Array.of(qkv, Shape.of(2, t, 12)), 1, 0, 0);
    long before = SimdProduct.plainWork;
    SimdProduct.plainWork = 0; // vectors at once
    try {
      float[] out = attention.forward().toFloatArray();
      assertThat(Arrays.copyOf(out, 4)).containsOnly(Float.NaN);
      assertThat(Arrays.copyOfRange(out, t * 4, 2 * t * 4)).containsOnly(0);
    } finally {
      SimdProduct.plainWork = before;
    }
  }

  @Test
  void batch_norm_of_equal_values_has_no_variance() {
    Array x = Array.full(DType.FLOAT64, Shape.of(3, 2, 5, 7), 0.1);
    Array one = Array.full(DType.FLOAT64, Shape.of(2), 1);
    Normalization.Result r = Kernels.portable().normalization().batchNorm(x, one, one, 1e-5);
    assertThat(r.mean().toDoubleArray()).containsExactly(0.1, 0.1);
    assertThat(r.variance().toDoubleArray()).containsOnly(0);
    assertThat(r.y().toDoubleArray()).containsOnly(1);
  }

  @Test
  void exp_is_zero_at_minus_infinity_and_keeps_nan() {
    Array x =
        Array.of(new float[] {Float.NEGATIVE_INFINITY, Float.NaN, 0, 1, -87, 88}, Shape.of(6));
    float[] y = Kernels.of(x).elementwise().exp(x).toFloatArray();
    assertThat(y[0]).isZero();
    assertThat(y[1]).isNaN();
    assertThat(y[2]).isEqualTo(1f);
    assertThat(y[3]).isCloseTo((float) Math.E, within(2e-7f));
    assertThat(y[4] / Math.exp(-87)).isCloseTo(1, within(1e-6));
    assertThat(y[5] / Math.exp(88)).isCloseTo(1, within(1e-6));
  }

  @Test
  void exp_reaches_the_largest_float_and_then_infinity() {
    // The logarithm of the largest float32, 3.4028235e38, is 88.72284.
    Array x = Array.of(new float[] {88.1f, 88.5f, 88.7f, 88.73f, 100, 1e30f}, Shape.of(6));
    float[] y = Kernels.of(x).elementwise().exp(x).toFloatArray();
    assertThat(y[0] / Math.exp(88.1f)).isCloseTo(1, within(1e-6));
    assertThat(y[1] / Math.exp(88.5f)).isCloseTo(1, within(1e-6));
    assertThat(y[2] / Math.exp(88.7f)).isCloseTo(1, within(1e-6));
    assertThat(Arrays.copyOfRange(y, 3, 6)).containsOnly(Float.POSITIVE_INFINITY);
  }

  @Test
  void a_long_sum_is_not_rounded_once_a_term() {
    Array tenths = Array.full(DType.FLOAT32, Shape.of(100_000, 3), 0.1f);
    Array all = Kernels.of(tenths).elementwise().sum(tenths, 0, 1);
    Array columns = Kernels.of(tenths).elementwise().sum(tenths, 0);
    // Adding one by one ends at 9998.557: rounding to the same side each time.
    assertThat(columns).isCloseTo(new double[] {1e4, 1e4, 1e4}, 0.02);
    assertThat(all).isCloseTo(new double[] {3e4}, 0.02);
  }
}
