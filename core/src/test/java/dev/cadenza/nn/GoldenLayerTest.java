package dev.cadenza.nn;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.kernel.DType;
import dev.cadenza.op.LayerNormalization;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Golden;
import dev.cadenza.testing.Rounding;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values and gradients of layers against PyTorch's: every case in its own type, and every float32
 * case in float64 too.
 */
class GoldenLayerTest {
  private final RandomGenerator rng = new SplittableRandom(1);
  private final Pass train = Pass.train(rng);

  static Stream<Arguments> batchNorm() {
    return cases("norm", "batchnorm2d", 8);
  }

  static Stream<Arguments> layerNorm() {
    return cases("norm", "layernorm", 6);
  }

  static Stream<Arguments> multiHead() {
    return cases("attention", "multihead", 12);
  }

  static Stream<Arguments> scaledDotProduct() {
    return cases("attention", "scaled_dot_product", 6);
  }

  static Stream<Arguments> transformer() {
    return cases("transformer", "", 10);
  }

  static Stream<Arguments> convBlock() {
    return cases("conv_block", "", 7);
  }

  static Stream<Golden.Case> init() {
    List<Golden.Case> cases = Golden.open("init").cases();
    assertThat(cases).hasSize(8);
    return cases.stream();
  }

  /** The cases of a family whose names start with {@code prefix}; there must be {@code count}. */
  private static Stream<Arguments> cases(String family, String prefix, int count) {
    List<Golden.Case> cases =
        Golden.open(family).cases().stream().filter(c -> c.name().startsWith(prefix)).toList();
    assertThat(cases).as(family).hasSize(count);
    return cases.stream()
        .flatMap(
            c -> Stream.of(c.type(), DType.FLOAT64).distinct().map(type -> Arguments.of(c, type)));
  }

  /** The layer's parameters, which take the values of the case, and the inputs. */
  private static Map<String, Tensor> leaves(Golden.Case c, DType type, Layer layer) {
    layer.to(type);
    Map<String, Tensor> leaves = new LinkedHashMap<>(layer.parameters());
    leaves.forEach((key, parameter) -> parameter.replace(c.tensor(key, type).array()));
    for (int i = 0; c.has("in" + i); i++) {
      leaves.put("in" + i, c.tensor("in" + i, type).tracked());
    }
    return leaves;
  }

  private static Tensor get(Map<String, Tensor> tensors, String key) {
    return Objects.requireNonNull(tensors.get(key), key);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("batchNorm")
  void batch_norm(Golden.Case c, DType type) {
    BatchNorm2d layer =
        new BatchNorm2d(3, c.number("eps"), c.number("momentum", BatchNorm2d.DEFAULT_MOMENTUM));
    Map<String, Tensor> leaves = leaves(c, type, layer);
    boolean training = c.name().contains("train");
    if (!training) { // evaluation leaves the running statistics as they were
      replace(layer, "running_mean", c.tensor("after_running_mean", type));
      replace(layer, "running_var", c.tensor("after_running_var", type));
    }
    Pass pass = training ? train : Pass.eval().recording();
    Tensor[] out = new Tensor[leaves.size() - 2];
    for (int i = 0; i < out.length; i++) {
      out[i] = layer.forward(get(leaves, "in" + i), pass);
    }
    c.check(Tensor.concat(0, out), leaves, perChannel(c), normError(c));
    assertAfter(c, type, layer, "running_mean", "running_var");
  }

  /** By hand: equal values have no deviation, not even that of a rounded mean. */
  @Test
  void batch_norm_of_equal_values_is_the_bias() {
    float[] values = new float[3 * 2 * 5 * 7];
    Arrays.fill(values, 1000.1f);
    Tensor x = Tensor.of(values, 3, 2, 5, 7);
    BatchNorm2d plain = new BatchNorm2d(2);
    assertThat(plain.forward(x, train).toFloatArray()).containsOnly(0);
    ConvBlock block = // the convolution copies its input
        new ConvBlock(
            0, new Conv2d(2, 2, Window.square(1), rng), new MaxPool2d(Window.pool(2, 2)), 0);
    get(block.state(), "0.weight").array().assign(Tensor.of(new float[] {1, 0, 0, 1}, 4).array());
    get(block.state(), "1.bias").array().assign(Tensor.of(new float[] {2, 3}, 2).array());
    Tensor y = block.forward(x, train);
    assertThat(y.slice(1, 0, 1).toFloatArray()).containsOnly(2);
    assertThat(y.slice(1, 1, 2).toFloatArray()).containsOnly(3);
    assertThat(y.sum().backward().of(get(block.parameters(), "1.weight"))).hasValues(0, 0);
  }

  private static void replace(Layer layer, String key, Tensor value) {
    get(layer.state(), key).replace(value.array());
  }

  /** The batch norm's sums run over a channel's elements. */
  private static int perChannel(Golden.Case c) {
    Shape out = c.tensor("out").shape();
    return out.dim(0) * out.size(2, out.rank());
  }

  private static void assertAfter(Golden.Case c, DType type, Layer layer, String... buffers) {
    for (String key : buffers) {
      Tensor expected = c.tensor("after_" + key);
      int terms = type == c.type() ? perChannel(c) : 1;
      assertThat(get(layer.state(), key))
          .as(key)
          .isCloseTo(expected, Rounding.bound(c.type(), terms, Rounding.size(expected)));
    }
  }

  /**
   * A mean is off by an ulp of the largest input, which a norm divides by the deviation: 1 in all
   * cases but those whose rows are constant, where it is the root of eps.
   */
  private static Golden.Size normError(Golden.Case c) {
    double deviation = c.name().contains("constant") ? Math.sqrt(c.number("eps")) : 1;
    double condition = Rounding.size(c.tensor("in0")) / deviation;
    return expected -> condition * Rounding.size(expected);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("layerNorm")
  void layer_norm(Golden.Case c, DType type) {
    Map<String, Tensor> leaves = c.leaves(type);
    Tensor x = get(leaves, "in0");
    Shape normalized = Shape.of(c.ints("normalized_shape"));
    int features = normalized.size();
    Tensor y;
    if (normalized.rank() == 1) {
      LayerNorm layer = new LayerNorm(features, c.number("eps"));
      leaves = leaves(c, type, layer);
      y = layer.forward(get(leaves, "in0"), train);
    } else { // several axes are one when they are flattened
      Tensor flat = x.flatten(x.shape().rank() - normalized.rank());
      y =
          Tensor.apply(
                  new LayerNormalization(c.number("eps")),
                  flat,
                  get(leaves, "weight").flatten(0),
                  get(leaves, "bias").flatten(0))
              .reshape(x.shape().dims());
    }
    c.check(y, leaves, Math.max(features, x.shape().size() / features), normError(c));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("multiHead")
  void multi_head_attention(Golden.Case c, DType type) {
    MultiHeadAttention layer =
        new MultiHeadAttention(c.integer("embedding"), c.integer("heads"), 0, rng);
    Map<String, Tensor> leaves = leaves(c, type, layer);
    Tensor query = get(leaves, "in" + c.integer("query"));
    Tensor key = get(leaves, "in" + c.integer("key"));
    Tensor value = get(leaves, "in" + c.integer("value"));
    Tensor mask = mask(c, type, "key_padding_mask");
    MultiHeadAttention.Output out =
        layer.attend(new MultiHeadAttention.Input(query, key, value, mask), train);
    // Projection, scores, context and projection sum over E = 12 or S = 7, gradients of weights
    // over N * S = 14. Inputs ten times as large make scores a hundred times as large, whose
    // rounding is a relative error of the weights.
    int terms = 4 * 14;
    double condition = c.name().contains("large") ? 100 : 1;
    Golden.Size size = expected -> condition * Rounding.size(expected);
    c.check(out.output(), leaves, terms, size);
    Tensor weights = c.tensor("weights"); // PyTorch's are the mean over heads
    assertThat(out.weights().mean(1).detach())
        .isCloseTo(weights, Rounding.bound(c.type(), terms, size.of(weights)));
    if (c.name().equals("multihead_self")) { // a layer like every other, where there is no mask
      c.check(layer.forward(query, train), leaves, terms, size);
    }
  }

  private static @Nullable Tensor mask(Golden.Case c, DType type, String padding) {
    Tensor keys =
        c.has(padding) ? AttentionMask.padding(booleans(c.tensor(padding))).cast(type) : null;
    Tensor pairs = null;
    if (c.has("attn_mask")) {
      Tensor stored = c.tensor("attn_mask", type);
      pairs =
          c.text("attn_mask").equals("additive")
              ? stored
              : AttentionMask.pairs(booleans(stored)).cast(type);
    }
    return keys == null ? pairs : pairs == null ? keys : keys.add(pairs);
  }

  private static boolean[][] booleans(Tensor zerosAndOnes) {
    float[] values = zerosAndOnes.toFloatArray();
    boolean[][] rows = new boolean[zerosAndOnes.dim(0)][zerosAndOnes.dim(1)];
    for (int i = 0; i < values.length; i++) {
      rows[i / rows[0].length][i % rows[0].length] = values[i] == 1;
    }
    return rows;
  }

  /** The formula that MultiHeadAttention is made of, for values of another size than keys. */
  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("scaledDotProduct")
  void scaled_dot_product(Golden.Case c, DType type) {
    Map<String, Tensor> leaves = c.leaves(type);
    Tensor q = get(leaves, "in0");
    Tensor k = get(leaves, "in1");
    Tensor scores = q.mul(c.number("scale", 1 / Math.sqrt(q.dim(-1)))).matmul(k.transpose(-1, -2));
    Tensor mask =
        c.flag("is_causal")
            ? AttentionMask.causal(q.dim(-2)).cast(type)
            : mask(c, type, "no padding");
    Tensor weights = (mask == null ? scores : scores.add(mask)).softmax(-1);
    c.check(weights.matmul(get(leaves, "in2")), leaves, 3 * 7, Rounding::size);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("transformer")
  void transformer_encoder(Golden.Case c, DType type) {
    TransformerEncoderLayer.Settings settings =
        TransformerEncoderLayer.Settings.of(
                c.integer("embedding"), c.integer("heads"), c.integer("feed_forward"))
            .dropout(0)
            .normFirst(c.flag("norm_first"))
            .activation(
                c.text("activation").equals("gelu")
                    ? TransformerEncoderLayer.Activation.GELU
                    : TransformerEncoderLayer.Activation.RELU);
    Tensor mask = mask(c, type, "src_key_padding_mask");
    int layers = c.integer("layers");
    Map<String, Tensor> leaves;
    Tensor y;
    if (layers == 0) {
      TransformerEncoderLayer layer = new TransformerEncoderLayer(settings, rng);
      leaves = leaves(c, type, layer);
      Tensor x = get(leaves, "in0");
      y = mask == null ? layer.forward(x, train) : layer.forward(x, mask, train);
    } else {
      TransformerEncoder encoder =
          new TransformerEncoder(settings, layers, c.flag("final_norm"), rng);
      leaves = leaves(c, type, encoder);
      Tensor x = get(leaves, "in0");
      y = mask == null ? encoder.forward(x, train) : encoder.forward(x, mask, train);
    }
    // A layer chains 6 products and 2 norms, each a sum of at most 17 terms.
    c.check(y, leaves, 8 * 17 * Math.max(1, layers), Rounding::size);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("convBlock")
  void conv_block(Golden.Case c, DType type) {
    Shape weight = c.tensor("0.weight").shape();
    int[] kernel = c.ints("kernel");
    int[] padding = c.ints("padding");
    int[] pool = c.ints("pool");
    Window window = Window.of(kernel[0], kernel[1]).padding(padding[0], padding[1]);
    ConvBlock layer =
        new ConvBlock(
            0,
            new Conv2d(weight.dim(1), weight.dim(0), window, rng),
            new MaxPool2d(Window.pool(pool[0], pool[1])),
            0);
    Map<String, Tensor> leaves = leaves(c, type, layer);
    Tensor y = layer.forward(get(leaves, "in0"), train);
    Shape image = c.tensor("in0").shape(); // the convolution keeps its size
    int perChannel = image.dim(0) * image.size(2, 4);
    c.check(y, leaves, perChannel, Rounding::size);
    assertAfter(c, type, layer, "1.running_mean", "1.running_var");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("init")
  void initial_parameters_have_the_bounds_of_pytorch(Golden.Case c) {
    Map<String, Double> bounds = c.numbersFrom("bound_");
    Map<String, Double> constants = c.numbersFrom("constant_");
    List<Layer> drawn = Stream.generate(() -> layer(c)).limit(300).toList();
    TreeSet<String> keys = new TreeSet<>(bounds.keySet());
    keys.addAll(constants.keySet());
    assertThat(new TreeSet<>(drawn.get(0).parameters().keySet())).isEqualTo(keys);
    bounds.forEach(
        (key, bound) -> {
          // 300 layers draw 1,500 values or more; that none is above 0.99 of the bound has odds of
          // 3e-7.
          double largest =
              drawn.stream()
                  .mapToDouble(l -> magnitude(get(l.parameters(), key)))
                  .reduce(0, Math::max);
          assertThat(largest).as(key).isBetween(0.99 * bound, bound * (1 + 1e-6));
        });
    constants.forEach(
        (key, value) ->
            assertThat(get(drawn.get(0).parameters(), key).toDoubleArray())
                .as(key)
                .containsOnly(value));
  }

  private static double magnitude(Tensor t) {
    double largest = 0;
    for (float x : t.toFloatArray()) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest;
  }

  private Layer layer(Golden.Case c) {
    return switch (c.name()) {
      case "linear" -> new Linear(c.integer("in_features"), c.integer("out_features"), rng);
      case "conv2d", "conv2d_groups", "conv2d_depthwise" -> {
        int[] kernel = c.ints("kernel_size");
        Window window = Window.of(kernel[0], kernel[1]);
        int groups = (int) c.number("groups", 1);
        yield new Conv2d(c.integer("in_channels"), c.integer("out_channels"), window, groups, rng);
      }
      case "multihead_attention" ->
          new MultiHeadAttention(c.integer("embed_dim"), c.integer("num_heads"), 0, rng);
      case "transformer_encoder_layer" ->
          new TransformerEncoderLayer(
              TransformerEncoderLayer.Settings.of(
                  c.integer("d_model"), c.integer("nhead"), c.integer("dim_feedforward")),
              rng);
      case "batchnorm2d" -> new BatchNorm2d(c.integer("num_features"));
      case "layernorm" -> new LayerNorm(c.ints("normalized_shape")[0]);
      default -> throw new AssertionError(c.name());
    };
  }
}
