package dev.cadenza.nn;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What layers say: refused settings and inputs, registered names, summaries. */
class LayerMessagesTest {
  private final RandomGenerator rng = new SplittableRandom(1);

  /** Registers what a test tells it to. */
  private static final class Custom extends Layer {
    Custom(String... names) {
      for (String name : names) {
        param(name, Init.constant(1), 2);
      }
    }

    @Override
    protected Tensor compute(Tensor x, Pass pass) {
      return x;
    }

    Custom with(Layer inner) {
      inline(inner);
      return this;
    }

    Custom with(String name, Layer inner) {
      child(name, inner);
      return this;
    }
  }

  @Test
  void settings_are_refused_by_message() {
    Window window = Window.square(3);
    assertThatThrownBy(() -> new Conv2d(4, 6, window, 4, rng))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("conv2d: groups=4 must divide in=4 and out=6");
    assertThatThrownBy(() -> new Conv2d(4, 6, window, 0, rng))
        .hasMessage("conv2d: groups=0 must divide in=4 and out=6");
    assertThatThrownBy(() -> new MultiHeadAttention(64, 5, 0, rng))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attention: heads=5 must divide embedding=64");
    assertThatThrownBy(() -> new MultiHeadAttention(64, 0, 0, rng))
        .hasMessage("attention: heads=0 must divide embedding=64");
    assertThatThrownBy(() -> new MultiHeadAttention(64, 4, -1, rng))
        .hasMessage("dropout: p=-1.0 must be in [0, 1]");
    assertThatThrownBy(() -> new Dropout(1.5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("dropout: p=1.5 must be in [0, 1]");
    TransformerEncoderLayer.Settings settings = TransformerEncoderLayer.Settings.of(12, 5, 17);
    assertThatThrownBy(() -> new TransformerEncoderLayer(settings, rng))
        .hasMessage("attention: heads=5 must divide embedding=12");
    assertThatThrownBy(() -> new Linear(-3, 5, rng))
        .isInstanceOf(ShapeException.class)
        .hasMessage("shape: sizes must not be negative, got [5, -3]");
  }

  @Test
  void inputs_are_refused_by_message() {
    Pass pass = Pass.eval();
    assertThatThrownBy(() -> new Linear(7, 5, rng).forward(Tensor.zeros(2, 6), pass))
        .hasMessage(
            "linear: features differ, input has 6, weight has 7 (input [2, 6], weight [5, 7])");
    assertThatThrownBy(() -> new LayerNorm(7).forward(Tensor.zeros(2, 6), pass))
        .hasMessage(
            "layerNorm: features differ, input has 6, gamma has 7 (input [2, 6], gamma [7])");
    assertThatThrownBy(() -> new BatchNorm2d(3).forward(Tensor.zeros(2, 4, 5, 6), pass))
        .hasMessage(
            "batchNorm: channels differ, input has 4, gamma has 3 (input [2, 4, 5, 6], gamma [3])");
    assertThatThrownBy(() -> new Flatten().forward(Tensor.zeros(3), pass))
        .hasMessage("axis 1 is outside of [3]");
    Tensor doubles = Tensor.zeros(2, 7).cast(DType.FLOAT64);
    assertThatThrownBy(() -> new Linear(7, 5, rng).forward(doubles, pass))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "LinearTransform: data types differ, FLOAT64 [2, 7] and FLOAT32 [5, 7]; convert one"
                + " with cast()");
  }

  @Test
  void names_are_refused_by_message() {
    String rest = "' is empty, ends in a dot or is taken";
    assertThatThrownBy(() -> new Custom("a", "a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Custom: the name 'a" + rest);
    assertThatThrownBy(() -> new Custom("")).hasMessage("Custom: the name '" + rest);
    assertThatThrownBy(() -> new Custom("a.")).hasMessage("Custom: the name 'a." + rest);
    assertThatThrownBy(() -> new Custom("a").with("a", new ReLU()))
        .hasMessage("Custom: the name 'a" + rest);
    assertThatThrownBy(() -> new Custom().with("a", new ReLU()).with("a", new ReLU()))
        .hasMessage("Custom: the name 'a" + rest);
  }

  @Test
  void inlined_layers_keep_their_keys() {
    Custom layer = new Custom("a").with(new Custom("b").with("c", new Custom("d")));
    assertThat(new ArrayList<>(layer.parameters().keySet())).containsExactly("a", "b", "c.d");
  }

  @Test
  void two_parameters_under_one_key_are_refused_by_message() {
    Custom layer = new Custom("weight").with(new Custom("weight"));
    assertThatThrownBy(layer::parameters)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Custom: two parameters have the key 'weight'");
    assertThatThrownBy(layer::state).hasMessage("Custom: two parameters have the key 'weight'");
  }

  @Test
  void a_pass_carries_mode_and_randomness() {
    assertThat(Pass.train(rng).isTraining()).isTrue();
    assertThat(Pass.eval().isTraining()).isFalse();
    assertThat(Pass.eval().recording().isTraining()).isFalse();
    assertThatThrownBy(() -> Pass.eval().seed())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("pass: an evaluating pass has no randomness");
    List<String> seen = new ArrayList<>();
    Layer net = new Sequential(new Linear(3, 2, rng), new ReLU());
    net.forward(
        Tensor.zeros(4, 3),
        Pass.eval().observedBy((layer, y) -> seen.add(layer + " " + y.shape())));
    assertThat(seen).containsExactly("Linear(3 -> 2) [4, 2]", "ReLU [4, 2]", "Sequential [4, 2]");
  }

  @Test
  void dropout_draws_from_the_pass_and_only_if_it_drops() {
    RandomGenerator untouched = new SplittableRandom(1);
    new Dropout(0).forward(Tensor.zeros(3), Pass.train(rng));
    assertThat(rng.nextLong()).isEqualTo(untouched.nextLong());
    Tensor x = Tensor.zeros(1000).add(1);
    Tensor first = new Dropout(0.5).forward(x, Pass.train(rng));
    Tensor second = new Dropout(0.5).forward(x, Pass.train(rng));
    assertThat(first.toFloatArray()).isNotEqualTo(second.toFloatArray());
    assertThat(new Dropout(0.5).forward(x, Pass.eval())).hasSameBitsAs(x);
  }

  @Test
  void initial_values_are_spread_as_told() {
    Shape shape = Shape.of(300, 100);
    double[] normal = Tensor.of(Init.normal(3, 0.5, rng).values(shape), 30_000).toDoubleArray();
    double mean = Arrays.stream(normal).average().orElse(0);
    double variance = Arrays.stream(normal).map(x -> (x - mean) * (x - mean)).average().orElse(0);
    assertThat(Math.abs(mean - 3)).isLessThan(5 * 0.5 / Math.sqrt(30_000)); // five deviations
    assertThat(Math.abs(variance - 0.25)).isLessThan(5 * 0.25 * Math.sqrt(2 / 30_000.0));
    float[] he = Init.kaimingUniform(0, rng).values(shape);
    double largest = 0;
    for (float x : he) {
      largest = Math.max(largest, Math.abs(x));
    }
    assertThat(largest).isBetween(0.99 * Math.sqrt(6.0 / 100), Math.sqrt(6.0 / 100));
    assertThat(Init.constant(7).values(Shape.of(2))).containsExactly(7, 7);
  }

  @Test
  void a_summary_is_a_table() {
    Layer net =
        new Sequential(
            new Conv2d(1, 8, Window.square(3).padding(1, 1), rng),
            new ReLU(),
            new Flatten(),
            new Linear(8 * 4 * 5, 1000, rng));
    assertThat(net.summary(2, 1, 4, 5).toString())
        .isEqualToNormalizingNewlines(
            """
            layer  kind                 output          parameters
                   Sequential           [2, 1000]          161,080
            0      Conv2d(1 -> 8, 3x3)  [2, 8, 4, 5]            80
            1      ReLU                 [2, 8, 4, 5]             -
            2      Flatten              [2, 160]                 -
            3      Linear(160 -> 1000)  [2, 1000]          161,000
            total 161,080 parameters""");
  }

  /** Under every kernel set: what runs fused elsewhere runs layer by layer here. */
  @Test
  void a_summary_shows_the_inside_of_fused_layers() {
    Layer net =
        new Sequential(
            new ConvBlock(
                0,
                new Conv2d(1, 8, Window.square(3).padding(1, 1), rng),
                new MaxPool2d(Window.pool(2, 2)),
                0.1));
    assertThat(net.summary(2, 1, 8, 9).rows())
        .extracting(row -> row.name() + " " + row.layer() + " " + row.output())
        .containsExactly(
            " Sequential [2, 8, 4, 4]",
            "0 ConvBlock(Conv2d(1 -> 8, 3x3), MaxPool2d(2x2), Dropout(0.1)) [2, 8, 4, 4]",
            "0.0 Conv2d(1 -> 8, 3x3) [2, 8, 8, 9]",
            "0.1 BatchNorm2d(8) [2, 8, 8, 9]");
    TransformerEncoderLayer layer =
        new TransformerEncoderLayer(TransformerEncoderLayer.Settings.of(12, 3, 17), rng);
    assertThat(layer.summary(2, 5, 12).rows())
        .extracting(Summary.Row::name)
        .containsExactly(
            "", "self_attn", "self_attn.out_proj", "linear1", "linear2", "norm1", "norm2");
  }
}
