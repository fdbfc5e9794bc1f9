package dev.cadenza.nn;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.cadenza.io.StateDict;
import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Update;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.GradCheck;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Inference;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Rounding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every layer promises. A new layer needs a case here. */
class LayerBatteryTest {
  private static final int LAYERS = 14;

  /**
   * A layer, how it prints, all that a checkpoint of it holds, and an input with its output shape.
   */
  record Case(
      Function<RandomGenerator, Layer> make,
      String text,
      Map<String, Shape> state,
      Shape input,
      Shape output) {
    Layer layer() {
      return make.apply(new SplittableRandom(7));
    }

    Tensor in() {
      return random(1, input);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  static List<Case> cases() {
    Window same = Window.square(3).padding(1, 1);
    return List.of(
        new Case(
            rng -> new Linear(7, 5, rng),
            "Linear(7 -> 5)",
            state("weight", 5, 7).and("bias", 5),
            Shape.of(2, 3, 7),
            Shape.of(2, 3, 5)),
        new Case(
            rng -> new Conv2d(3, 4, Window.of(3, 2).stride(2, 1), rng),
            "Conv2d(3 -> 4, 3x2)",
            state("weight", 4, 3, 3, 2).and("bias", 4),
            Shape.of(2, 3, 9, 7),
            Shape.of(2, 4, 4, 6)),
        new Case(
            rng -> new Conv2d(4, 6, same, 2, rng),
            "Conv2d(4 -> 6, 3x3)",
            state("weight", 6, 2, 3, 3).and("bias", 6),
            Shape.of(2, 4, 5, 7),
            Shape.of(2, 6, 5, 7)),
        new Case(
            rng -> new BatchNorm2d(3),
            "BatchNorm2d(3)",
            state("weight", 3).and("bias", 3).and("running_mean", 3).and("running_var", 3),
            Shape.of(2, 3, 5, 7),
            Shape.of(2, 3, 5, 7)),
        new Case(
            rng -> new LayerNorm(7),
            "LayerNorm(7)",
            state("weight", 7).and("bias", 7),
            Shape.of(2, 3, 7),
            Shape.of(2, 3, 7)),
        new Case(
            rng -> new MaxPool2d(Window.pool(2, 4)),
            "MaxPool2d(2x4)",
            new State(),
            Shape.of(2, 3, 5, 9),
            Shape.of(2, 3, 2, 2)),
        new Case(
            rng -> new Dropout(0.3),
            "Dropout(0.3)",
            new State(),
            Shape.of(2, 3, 5),
            Shape.of(2, 3, 5)),
        new Case(rng -> new ReLU(), "ReLU", new State(), Shape.of(2, 3, 5), Shape.of(2, 3, 5)),
        new Case(rng -> new GELU(), "GELU", new State(), Shape.of(2, 3, 5), Shape.of(2, 3, 5)),
        new Case(rng -> new Flatten(), "Flatten", new State(), Shape.of(2, 3, 5), Shape.of(2, 15)),
        new Case(
            rng ->
                new ConvBlock(
                    5, new Conv2d(2, 6, same, rng), new MaxPool2d(Window.pool(2, 2)), 0.3),
            "ConvBlock(Conv2d(2 -> 6, 3x3), MaxPool2d(2x2), Dropout(0.3))",
            state("5.weight", 6, 2, 3, 3)
                .and("5.bias", 6)
                .and("6.weight", 6)
                .and("6.bias", 6)
                .and("6.running_mean", 6)
                .and("6.running_var", 6),
            Shape.of(4, 2, 9, 11),
            Shape.of(4, 6, 4, 5)),
        new Case(
            rng -> new MultiHeadAttention(12, 3, 0.1, rng),
            "MultiHeadAttention(12, 3 heads)",
            attention(new State(), ""),
            Shape.of(2, 5, 12),
            Shape.of(2, 5, 12)),
        new Case(
            rng -> new TransformerEncoderLayer(settings(), rng),
            "TransformerEncoderLayer(12, 3 heads, ff 17, dropout 0.1)",
            encoderLayer(new State(), ""),
            Shape.of(2, 5, 12),
            Shape.of(2, 5, 12)),
        new Case(
            rng -> new TransformerEncoderLayer(geluFirst(), rng),
            "TransformerEncoderLayer(12, 3 heads, ff 17, dropout 0.1)",
            encoderLayer(new State(), ""),
            Shape.of(2, 5, 12),
            Shape.of(2, 5, 12)),
        new Case(
            rng -> new TransformerEncoder(settings(), 2, true, rng),
            "TransformerEncoder",
            encoderLayer(encoderLayer(new State(), "layers.0."), "layers.1.")
                .and("norm.weight", 12)
                .and("norm.bias", 12),
            Shape.of(2, 5, 12),
            Shape.of(2, 5, 12)),
        new Case(
            rng -> new Sequential(new Linear(5, 7, rng), new ReLU(), new Linear(7, 3, rng)),
            "Sequential",
            state("0.weight", 7, 5).and("0.bias", 7).and("2.weight", 3, 7).and("2.bias", 3),
            Shape.of(2, 5),
            Shape.of(2, 3)));
  }

  /** Those that have parameters. */
  static List<Case> trained() {
    List<Case> trained = cases().stream().filter(c -> !c.state().isEmpty()).toList();
    assertThat(trained).hasSize(11);
    return trained;
  }

  private static TransformerEncoderLayer.Settings settings() {
    return TransformerEncoderLayer.Settings.of(12, 3, 17);
  }

  private static TransformerEncoderLayer.Settings geluFirst() {
    return settings().normFirst(true).activation(TransformerEncoderLayer.Activation.GELU);
  }

  private static State encoderLayer(State state, String prefix) {
    return attention(state, prefix + "self_attn.")
        .and(prefix + "linear1.weight", 17, 12)
        .and(prefix + "linear1.bias", 17)
        .and(prefix + "linear2.weight", 12, 17)
        .and(prefix + "linear2.bias", 12)
        .and(prefix + "norm1.weight", 12)
        .and(prefix + "norm1.bias", 12)
        .and(prefix + "norm2.weight", 12)
        .and(prefix + "norm2.bias", 12);
  }

  private static State attention(State state, String prefix) {
    return state
        .and(prefix + "in_proj_weight", 36, 12)
        .and(prefix + "in_proj_bias", 36)
        .and(prefix + "out_proj.weight", 12, 12)
        .and(prefix + "out_proj.bias", 12);
  }

  private static State state(String name, int... shape) {
    return new State().and(name, shape);
  }

  private static final class State extends LinkedHashMap<String, Shape> {
    private static final long serialVersionUID = 1L;

    State and(String name, int... shape) {
      put(name, Shape.of(shape));
      return this;
    }
  }

  private static Tensor random(long seed, Shape shape) {
    RandomGenerator rng = new SplittableRandom(seed);
    float[] x = new float[shape.size()];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) rng.nextGaussian();
    }
    return Tensor.of(Array.of(x, shape));
  }

  private static Pass train() {
    return Pass.train(new SplittableRandom(3));
  }

  @Test
  void every_layer_has_a_case() {
    Set<String> layers =
        new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.cadenza.nn")
                .stream()
                .filter(c -> c.isAssignableTo(Layer.class))
                .filter(c -> !c.getModifiers().contains(JavaModifier.ABSTRACT))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
    Set<String> tested =
        cases().stream()
            .map(c -> c.layer().getClass().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    assertThat(layers).hasSize(LAYERS);
    assertThat(tested).isEqualTo(layers);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void parameters_and_buffers_have_names_and_shapes_in_order(Case c) {
    Layer layer = c.layer();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    layer.state().forEach((name, t) -> shapes.put(name, t.shape()));
    assertThat(new ArrayList<>(shapes.entrySet())).isEqualTo(new ArrayList<>(c.state().entrySet()));
    Map<String, Tensor> parameters = layer.parameters();
    layer
        .state()
        .forEach(
            (name, t) -> {
              assertThat(t).hasType(DType.FLOAT32);
              boolean buffer = name.contains("running_");
              assertThat(t.isTracked()).as(name).isEqualTo(!buffer);
              assertThat(parameters.containsKey(name)).as(name).isEqualTo(!buffer);
            });
    int count = parameters.values().stream().mapToInt(p -> p.shape().size()).sum();
    assertThat(layer.parameterCount()).isEqualTo(count);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_same_seed_gives_the_same_layer(Case c) {
    Map<String, Tensor> again = c.layer().state();
    c.layer().state().forEach((name, t) -> assertThat(t).hasSameBitsAs(get(again, name)));
  }

  private static Tensor get(Map<String, Tensor> tensors, String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void output_has_the_stated_shape(Case c) {
    Layer layer = c.layer();
    assertThat(layer.forward(c.in(), Pass.eval())).hasShape(c.output());
    assertThat(layer.forward(c.in(), train())).hasShape(c.output());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void prints_itself(Case c) {
    assertThat(c.layer()).hasToString(c.text());
    Summary summary = c.layer().summary(c.input().dims());
    assertThat(summary.parameters()).isEqualTo(c.layer().parameterCount());
    assertThat(summary.rows().get(0))
        .isEqualTo(new Summary.Row("", c.text(), c.output(), c.layer().parameterCount()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void evaluation_is_deterministic_and_changes_nothing(Case c) {
    Layer layer = c.layer();
    layer.forward(c.in(), train()); // running statistics that are not the initial ones
    Map<String, Tensor> before = new LinkedHashMap<>();
    layer.state().forEach((name, t) -> before.put(name, t.detach()));
    Tensor y = layer.forward(c.in(), Pass.eval());
    assertThat(y.isTracked()).isFalse();
    assertThat(layer.forward(c.in(), Pass.eval())).hasSameBitsAs(y);
    layer.state().forEach((name, t) -> assertThat(t).hasSameBitsAs(get(before, name)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void evaluation_is_thread_safe(Case c) throws Exception {
    Layer layer = c.layer();
    assertThreadSafe(c, x -> layer.forward(x, Pass.eval()));
    assertThreadSafe(c, layer.forInference(c.input().dims())::run);
  }

  private static void assertThreadSafe(Case c, UnaryOperator<Tensor> f) throws Exception {
    List<Tensor> inputs = List.of(random(1, c.input()), random(2, c.input()));
    List<Tensor> expected = inputs.stream().map(f).toList();
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      List<Future<List<Tensor>>> futures = new ArrayList<>();
      for (Tensor x : inputs) {
        futures.add(
            pool.submit(
                () -> {
                  List<Tensor> results = new ArrayList<>();
                  for (int i = 0; i < 10; i++) {
                    try (Workspace step = Workspace.open()) {
                      results.add(f.apply(x).detach());
                    }
                  }
                  return results;
                }));
      }
      for (int i = 0; i < futures.size(); i++) {
        for (Tensor y : futures.get(i).get()) {
          assertThat(y).hasSameBitsAs(expected.get(i));
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void made_ready_for_inference_it_computes_the_same(Case c) {
    Layer layer = c.layer();
    layer.forward(c.in(), train()); // running statistics that are not the initial ones
    Inference ready = layer.forInference(c.input().dims());
    assertThat(ready.input()).isEqualTo(c.input());
    assertThat(ready.output()).isEqualTo(c.output());
    int terms = 4 * (layer.parameterCount() + c.input().size()); // more than any sum has
    for (int seed = 1; seed <= 2; seed++) { // the second in memory that the first has used
      Tensor x = random(seed, c.input());
      Tensor expected = layer.forward(x, Pass.eval());
      assertThat(ready.run(x))
          .isCloseTo(expected, Rounding.bound(DType.FLOAT32, terms, Rounding.size(expected)));
    }
  }

  /**
   * 46 rows: several rows of windows are pooled by one task, and the last one has fewer. Of few
   * channels a window's outputs are sums of their own, of many its rows are added beforehand.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 2, 2, 1",
    "2, 2, 2, 1",
    "8, 2, 2, 1",
    "9, 4, 4, 1",
    "10, 8, 2, 2",
    "17, 6, 1, 3",
    "9, 3, 4, 1"
  })
  void a_block_made_ready_for_many_images_computes_the_same(
      int channels, int poolH, int poolW, int dilationW) {
    Layer layer = block(channels, poolH, poolW, dilationW);
    Tensor x = random(3, Shape.of(12, channels, 46, 9));
    layer.forward(x, train());
    Tensor expected = layer.forward(x, Pass.eval());
    assertThat(layer.forInference(12, channels, 46, 9).run(x))
        .isCloseTo(
            expected, Rounding.bound(DType.FLOAT32, 9 * channels, 4 * Rounding.size(expected)));
  }

  /** In all but the first of a block's images, one value whose sums are not finite. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 9})
  void a_block_made_ready_keeps_what_is_not_finite(int channels) {
    Layer layer = block(channels, 2, 2, 1);
    Tensor finite = random(3, Shape.of(6, channels, 12, 9));
    layer.forward(finite, train());
    float[] values = finite.toFloatArray();
    float negativeNan = Float.intBitsToFloat(0xFFC00000); // what x86 makes of infinity - infinity
    float[] special = {
      Float.NaN, negativeNan, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 3e38f
    };
    for (int i = 0; i < special.length; i++) {
      values[(i + 1) * channels * 12 * 9 + 5 * 9 + 4] = special[i];
    }
    Tensor x = Tensor.of(values, 6, channels, 12, 9);
    float[] expected = layer.forward(x, Pass.eval()).toFloatArray();
    float[] actual = layer.forInference(6, channels, 12, 9).run(x).toFloatArray();
    int notFinite = 0;
    for (int i = 0; i < expected.length; i++) {
      if (Float.isFinite(expected[i])) {
        assertThat(actual[i]).isCloseTo(expected[i], within(1e-5f * Math.max(1, expected[i])));
      } else {
        assertThat(actual[i]).isEqualTo(Float.valueOf(expected[i]));
        notFinite++;
      }
    }
    assertThat(notFinite).isGreaterThan(2 * 6 * 4); // the two NaN in four windows of each channel
  }

  private static Layer block(int channels, int poolH, int poolW, int dilationW) {
    Window window = Window.of(3, 3).padding(1, dilationW).dilation(1, dilationW);
    Conv2d convolution = new Conv2d(channels, 6, window, new SplittableRandom(9));
    return new ConvBlock(0, convolution, new MaxPool2d(Window.pool(poolH, poolW)), 0);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_saved_and_loaded_layer_is_the_same(Case c, @TempDir Path folder) throws IOException {
    Layer saved = c.layer();
    saved.forward(c.in(), train()); // running statistics that are not the initial ones
    Path file = folder.resolve("layer.safetensors");
    StateDict.save(saved, file, Map.of());
    Layer loaded = c.make().apply(new SplittableRandom(8));
    StateDict.load(loaded, file);
    loaded.state().forEach((name, t) -> assertThat(t).hasSameBitsAs(get(saved.state(), name)));
    assertThat(loaded.forward(c.in(), Pass.eval()))
        .hasSameBitsAs(saved.forward(c.in(), Pass.eval()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void the_same_seed_trains_the_same_way(Case c) {
    assertThat(c.layer().forward(c.in(), train()))
        .hasSameBitsAs(c.layer().forward(c.in(), train()));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_gradient_reaches_every_parameter_and_the_input(Case c) {
    Layer layer = c.layer();
    Tensor x = c.in().tracked();
    Tensor y = layer.forward(x, train());
    Gradients g = y.backward(random(5, y.shape()));
    assertThat(g.of(x)).hasShape(c.input());
    assertThat(g.of(x).mul(g.of(x)).sum().item()).isPositive();
    layer
        .parameters()
        .forEach(
            (name, p) -> {
              assertThat(g.reached(p)).as(name).isTrue();
              if (!name.equals("5.bias")) { // batch norm takes out the convolution's bias
                assertThat(g.of(p).mul(g.of(p)).sum().item()).as(name).isPositive();
              }
            });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients_belong_to_values_in_float64(Case c) {
    Layer layer = c.layer().to(DType.FLOAT64);
    layer.state().forEach((name, t) -> assertThat(t).as(name).hasType(DType.FLOAT64));
    Tensor x = c.in().cast(DType.FLOAT64).tracked();
    List<Tensor> leaves = new ArrayList<>(layer.parameters().values());
    leaves.add(x);
    GradCheck check = GradCheck.seeded(13).directions(1);
    check.check(() -> layer.forward(x, train()), leaves);
    check.check(() -> layer.forward(x, Pass.eval().recording()), x);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void float32_agrees_with_float64(Case c) {
    Tensor single = c.layer().forward(c.in(), train());
    Tensor x = c.in().cast(DType.FLOAT64);
    Tensor exact = c.layer().to(DType.FLOAT64).forward(x, train());
    int terms = 4 * (c.layer().parameterCount() + c.input().size()); // more than any sum has
    assertThat(single).isCloseTo(exact, Rounding.bound(DType.FLOAT32, terms, Rounding.size(exact)));
  }

  @ParameterizedTest
  @MethodSource("trained")
  void overfits_one_batch(Case c) {
    Layer layer = c.layer();
    Tensor x = c.in();
    Layer teacher = c.make().apply(new SplittableRandom(8)); // a target that can be reached
    Tensor target = teacher.forward(x, Pass.eval()).mul(0.5).add(0.1);
    double first = step(layer, x, target, 0);
    double last = first;
    for (int i = 0; i < 30; i++) {
      last = step(layer, x, target, 0.05);
    }
    assertThat(last).isLessThan(0.5 * first);
  }

  /** One step of gradient descent on the mean squared error, which it returns. */
  private static double step(Layer layer, Tensor x, Tensor target, double learningRate) {
    try (Workspace step = Workspace.open()) {
      Tensor error = layer.forward(x, Pass.eval().recording()).sub(target);
      Tensor loss = error.mul(error).mean();
      Gradients g = loss.backward();
      Update.Sgd settings = new Update.Sgd(learningRate * x.dim(0), 0, 0, false, 0, true);
      layer
          .parameters()
          .values()
          .forEach(
              p -> Kernels.of(p.array()).update().sgd(p.array(), g.of(p).array(), null, settings));
      return loss.item();
    }
  }
}
