package dev.cadenza.models;

import static dev.cadenza.testing.TensorAssert.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Threads;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.loss.Losses;
import dev.cadenza.models.ParallelCnnTransformer.Settings;
import dev.cadenza.models.ParallelCnnTransformer.Stage;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.optim.Sgd;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Golden;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The networks against the same networks in PyTorch (tools/golden/torch_networks.py), with weights
 * and inputs that both sides compute from the formulas there.
 */
class ParallelCnnTransformerTest {
  /** The networks of the golden file. */
  @SuppressWarnings("ImmutableEnumChecker") // records of numbers and immutable lists
  enum Preset {
    two_branch(ParallelCnnTransformer.twoBranch(), 248_488),
    parallel(ParallelCnnTransformer.parallel(), 395_176),
    parallel_mfcc(
        ParallelCnnTransformer.parallel()
            .input(40, 282)
            .stages(new Stage(16, 2, 2), new Stage(32, 4, 4), new Stage(64, 4, 4)),
        118_872),
    tiny(
        ParallelCnnTransformer.twoBranch()
            .input(16, 23)
            .stages(new Stage(3, 2, 2), new Stage(5, 4, 4))
            .reduce(2, 4)
            .transformer(2, 2, 11),
        1_794);

    private final Settings settings;
    private final int parameters;

    Preset(Settings settings, int parameters) {
      this.settings = settings;
      this.parameters = parameters;
    }

    Golden.Case golden(DType type) {
      return Golden.open("networks").get(type == DType.FLOAT64 ? name() + "_f64" : name());
    }

    /** The network with the weights of the formula and no dropout. */
    Layer network(DType type) {
      Layer network = settings.withoutDropout().build(new SplittableRandom(1));
      int i = 0;
      for (Map.Entry<String, Tensor> entry : network.state().entrySet()) {
        Tensor t = entry.getValue();
        t.array().assign(Array.of(weights(entry.getKey(), t, i++), t.shape()));
      }
      return network.to(type);
    }

    private static float[] weights(String name, Tensor t, int i) {
      float[] w = new float[t.shape().size()];
      int rank = t.shape().rank();
      double fanIn = rank < 2 ? 1 : t.shape().size(1, rank);
      for (int j = 0; j < w.length; j++) {
        double v = Math.sin(0.37 * j + 1.7 * i + 0.11 * (j % 13));
        double value;
        if (rank >= 2) {
          value = v / Math.sqrt(fanIn);
        } else if (name.endsWith("bias")) {
          value = 0.05 * v;
        } else if (name.endsWith("running_mean")) {
          value = 0.1 * v;
        } else if (name.endsWith("running_var")) {
          value = 1 + 0.3 * v;
        } else {
          value = 1 + 0.2 * v;
        }
        w[j] = (float) value;
      }
      return w;
    }

    Tensor input(int batch, int offset, DType type) {
      int size = settings.bands() * settings.frames();
      float[] x = new float[batch * size];
      for (int i = 0; i < x.length; i++) {
        double j = (double) offset + i;
        int n = i / size;
        x[i] = (float) (1.5 * Math.sin(0.013 * j + 0.7 * n) + 0.5 * Math.cos(0.171 * j));
      }
      return Tensor.of(x, batch, 1, settings.bands(), settings.frames()).cast(type);
    }
  }

  private static Pass train() {
    return Pass.train(new SplittableRandom(1));
  }

  @AfterEach
  void use_all_processors_again() {
    Threads.use(Runtime.getRuntime().availableProcessors());
  }

  @Test
  void the_golden_file_holds_the_presets_in_both_precisions() {
    assertThat(Golden.open("networks").cases().stream().map(Golden.Case::name))
        .contains("two_branch", "parallel", "parallel_mfcc", "tiny", "two_branch_f64")
        .hasSizeGreaterThanOrEqualTo(8);
  }

  @ParameterizedTest
  @EnumSource
  void has_as_many_parameters_as_described(Preset preset) {
    Layer network = preset.settings.build(new SplittableRandom(1));
    assertThat(network.parameterCount()).isEqualTo(preset.parameters);
    assertThat(network.summary(1, 1, preset.settings.bands(), preset.settings.frames()).toString())
        .endsWith(String.format(Locale.ROOT, "total %,d parameters", preset.parameters));
  }

  @ParameterizedTest
  @EnumSource
  void logits_equal_those_of_pytorch(Preset preset) {
    Golden.Case golden = preset.golden(DType.FLOAT32);
    Layer network = preset.network(DType.FLOAT32);
    Tensor x = preset.input(3, 0, DType.FLOAT32);
    // The logits of the golden cases are below 30; float32 leaves float64 by 3e-6 of that.
    assertThat(network.forward(x, Pass.eval())).isCloseTo(golden.tensor("eval_logits"), 1e-4);
    assertThat(network.forward(x, train())).isCloseTo(golden.tensor("train_logits"), 1e-4);
  }

  @ParameterizedTest
  @EnumSource
  void gradients_equal_those_of_pytorch(Preset preset) {
    Golden.Case golden = preset.golden(DType.FLOAT32);
    Layer network = preset.network(DType.FLOAT32);
    try (Workspace step = Workspace.open()) {
      Tensor logits = network.forward(preset.input(3, 0, DType.FLOAT32), train());
      Gradients gradients = Losses.crossEntropy(logits, 0, 1, 2).backward();
      double[] norms = golden.values("grad_norm");
      double[] dots = golden.values("grad_dot");
      // Relative to the largest. The first kernel's gradient sums 3 * 128 * 563 products; where
      // they
      // are added one by one, as ND4J does, rounding grows to sqrt(216192) * 2^-24 = 2.8e-5 of
      // them:
      // two deviations for a norm, and for a product with cos(j) over 144 elements some more.
      double largest = IntStream.range(0, norms.length).mapToDouble(i -> norms[i]).max().orElse(0);
      int i = 0;
      for (Map.Entry<String, Tensor> entry : network.parameters().entrySet()) {
        double[] g = gradients.of(entry.getValue()).toDoubleArray();
        double norm = Math.sqrt(IntStream.range(0, g.length).mapToDouble(j -> g[j] * g[j]).sum());
        double dot = IntStream.range(0, g.length).mapToDouble(j -> g[j] * Math.cos(j)).sum();
        assertThat(norm).as(entry.getKey()).isCloseTo(norms[i], within(6e-5 * largest));
        assertThat(dot).as(entry.getKey()).isCloseTo(dots[i], within(3e-4 * largest));
        i++;
      }
      assertThat(i).isEqualTo(norms.length).isGreaterThan(20);
    }
  }

  @ParameterizedTest
  @EnumSource
  void a_calm_training_follows_pytorch_for_twenty_steps(Preset preset) {
    // PyTorch's float32 trace stays within 3e-6 of its float64 one at this rate.
    double[] want = preset.golden(DType.FLOAT32).values("losses_calm");
    assertThat(want).hasSize(20);
    follow(preset, DType.FLOAT32, 1e-3, want, 20, 1e-4);
  }

  @ParameterizedTest
  @EnumSource
  void training_follows_pytorch_while_rounding_lets_it(Preset preset) {
    // At the recipe's rate these traces magnify rounding a thousandfold within twenty steps:
    // PyTorch's
    // float32 is within 2e-5 of its own float64 after ten steps, but only within 5e-3 after twenty.
    double[] want = preset.golden(DType.FLOAT32).values("losses");
    follow(preset, DType.FLOAT32, 1e-2, want, 10, 1e-3);
  }

  @Test
  void in_float64_the_recipe_follows_pytorch_for_twenty_steps() {
    double[] want = Preset.tiny.golden(DType.FLOAT64).values("losses");
    follow(Preset.tiny, DType.FLOAT64, 1e-2, want, 20, 1e-9);
  }

  private static void follow(
      Preset preset, DType type, double rate, double[] want, int steps, double relative) {
    Layer network = preset.network(type);
    Optimizer sgd =
        Sgd.over(network.parameters()).learningRate(rate).momentum(0.8).weightDecay(1e-3).build();
    for (int s = 0; s < steps; s++) {
      int step = s;
      try (Workspace workspace = Workspace.open()) {
        int[] labels = IntStream.range(0, 4).map(n -> (3 * n + step) % 8).toArray();
        Tensor logits = network.forward(preset.input(4, 100003 * s, type), train());
        Tensor loss = Losses.crossEntropy(logits, labels);
        assertThat(loss.item()).as("step %d", s).isCloseTo(want[s], within(relative * want[s]));
        sgd.step(loss.backward());
      }
    }
  }

  @Test
  void training_is_bit_identical_twice_and_for_any_number_of_threads() {
    Map<String, Tensor> once = trained(1);
    for (int threads : new int[] {1, 2, 3}) {
      Map<String, Tensor> again = trained(threads);
      assertThat(again.keySet()).isEqualTo(once.keySet());
      Iterator<Tensor> expected = once.values().iterator();
      again.forEach((name, t) -> assertThat(t).as(name).hasSameBitsAs(expected.next()));
    }
  }

  private static Map<String, Tensor> trained(int threads) {
    Threads.use(threads);
    SplittableRandom rng = new SplittableRandom(7);
    Layer network = Preset.two_branch.settings.build(rng);
    Optimizer sgd = Sgd.over(network.parameters()).learningRate(0.01).momentum(0.8).build();
    for (int s = 0; s < 2; s++) {
      try (Workspace step = Workspace.open()) {
        Tensor logits =
            network.forward(Preset.two_branch.input(5, s, DType.FLOAT32), Pass.train(rng));
        sgd.step(Losses.crossEntropy(logits, 0, 1, 2, 3, 4).backward());
      }
    }
    return network.state();
  }

  @Test
  void refuses_a_pooling_that_does_not_fit() {
    assertThatThrownBy(
            () -> ParallelCnnTransformer.parallel().input(40, 282).build(new SplittableRandom(1)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "parallel CNN transformer: convolution 4 of 4 pools 4x4, but of input 40x282 only 1x8 is"
                + " left; use at most 3 convolutions or smaller pools");
    assertThatThrownBy(
            () -> ParallelCnnTransformer.parallel().reduce(2, 600).build(new SplittableRandom(1)))
        .isInstanceOf(ShapeException.class)
        .hasMessage(
            "parallel CNN transformer: the pool before the transformer, 2x600, does not fit into"
                + " input 128x563");
  }

  @Test
  void refuses_another_input() {
    Layer network = Preset.tiny.network(DType.FLOAT32);
    assertThatThrownBy(() -> network.forward(Tensor.zeros(2, 1, 16, 24), Pass.eval()))
        .isInstanceOf(ShapeException.class)
        .hasMessage("parallel CNN transformer: input needs [N, 1, 16, 23], got [2, 1, 16, 24]");
  }

  @Test
  void refuses_settings_without_a_part() {
    assertThatThrownBy(() -> ParallelCnnTransformer.parallel().branches(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parallel CNN transformer: branches=0 must be at least 1");
    assertThatThrownBy(() -> ParallelCnnTransformer.parallel().reduce(0, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parallel CNN transformer: reduceH=0 must be at least 1");
    assertThatThrownBy(() -> ParallelCnnTransformer.parallel().transformer(4, 4, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parallel CNN transformer: feedForward=0 must be at least 1");
    assertThatThrownBy(() -> new Stage(0, 2, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("parallel CNN transformer: channels=0 must be at least 1");
  }
}
