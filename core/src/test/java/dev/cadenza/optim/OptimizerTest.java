package dev.cadenza.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.io.Json;
import dev.cadenza.io.Safetensors;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

class OptimizerTest {
  private static final int STEPS = 10;

  /** Two parameters of different shapes. */
  private static Map<String, Tensor> parameters() {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    parameters.put("w", Tensor.of(new float[] {1, -2, 3, 0.5f}, 2, 2).tracked());
    parameters.put("b", Tensor.of(new float[] {0.25f}, 1).tracked());
    return parameters;
  }

  /** A loss whose gradient moves with the parameter. */
  private static Gradients gradients(Map<String, Tensor> parameters, String... keys) {
    Tensor loss = Tensor.of(new float[1]);
    for (String key : keys) {
      Tensor p = parameters.getOrDefault(key, loss);
      loss = loss.add(p.mul(p).mul(p).sum());
    }
    return loss.backward();
  }

  private static void train(Optimizer optimizer, Map<String, Tensor> parameters, int steps) {
    for (int i = 0; i < steps; i++) {
      optimizer.step(gradients(parameters, "w", "b"));
    }
  }

  private static List<float[]> values(Map<String, Tensor> parameters) {
    return parameters.values().stream().map(Tensor::toFloatArray).toList();
  }

  private static List<Function<Map<String, Tensor>, Optimizer>> kinds() {
    return List.of(
        p -> Sgd.over(p).learningRate(0.01).build(),
        p -> Sgd.over(p).learningRate(0.01).momentum(0.8).weightDecay(1e-3).nesterov(true).build(),
        p -> Adam.over(p).weightDecay(0.1).build(),
        p -> AdamW.over(p).learningRate(0.01).build());
  }

  @TestFactory
  List<DynamicTest> trajectoriesEqualPyTorch() throws IOException {
    Safetensors.File golden =
        Safetensors.read(Path.of("src/test/resources/golden/optim.safetensors"));
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .metadata()
        .forEach(
            (name, settings) -> {
              if (!name.equals("generator")) {
                tests.add(DynamicTest.dynamicTest(name, () -> follow(golden, name, settings)));
              }
            });
    assertThat(tests).hasSize(24);
    return tests;
  }

  private static void follow(Safetensors.File file, String name, String json) throws IOException {
    Safetensors.File golden = file.under(name + "/");
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String role : List.of("in0", "in1")) {
      parameters.put(role, golden.tensor(role).detach().tracked());
    }
    Optimizer optimizer = optimizer(name, Json.parseObject(json), parameters);
    // PyTorch's own float32 run strays by up to 6e-7 from its float64 run (`float32_drift`). A step
    // rounds each number a handful of times, values are below 4: per step 5 ulp(4) / 2 at most.
    double unit = name.endsWith("_f64") ? Math.ulp(4.0) : Math.ulp(4f);
    for (int step = 0; step < STEPS; step++) {
      Tensor loss = Tensor.zeros().cast(golden.tensor("in0").type());
      for (int i = 0; i < 2; i++) {
        Tensor p = parameters.getOrDefault("in" + i, loss);
        Tensor g = row(golden.tensor("grad_in" + i), step);
        loss = loss.add(p.mul(g).sum());
      }
      optimizer.step(loss.backward());
      for (int i = 0; i < 2; i++) {
        assertThat(parameters.getOrDefault("in" + i, loss).toDoubleArray())
            .as("in%d after step %d", i, step)
            .usingComparatorWithPrecision(2.5 * unit * (step + 1))
            .containsExactly(row(golden.tensor("out" + i), step).toDoubleArray());
      }
    }
  }

  private static Tensor row(Tensor path, int step) {
    int[] dims = path.shape().slice(1, path.shape().rank()).dims();
    return path.slice(0, step, step + 1).reshape(dims);
  }

  private static Optimizer optimizer(
      String name, Map<String, ?> settings, Map<String, Tensor> parameters) {
    double rate = number(settings.get("lr"));
    double decay = number(settings.get("weight_decay"));
    if (name.startsWith("sgd")) {
      return Sgd.over(parameters)
          .learningRate(rate)
          .momentum(number(settings.get("momentum")))
          .dampening(number(settings.get("dampening")))
          .nesterov(Boolean.TRUE.equals(settings.get("nesterov")))
          .weightDecay(decay)
          .build();
    }
    if (name.startsWith("adamw_default")) {
      return AdamW.over(parameters).build();
    }
    Adam.Builder adam = name.startsWith("adamw") ? AdamW.over(parameters) : Adam.over(parameters);
    if (!(settings.get("betas") instanceof List<?> betas)) {
      throw new IllegalArgumentException(name + " has no betas");
    }
    return adam.learningRate(rate)
        .weightDecay(decay)
        .eps(number(settings.get("eps")))
        .betas(number(betas.get(0)), number(betas.get(1)))
        .build();
  }

  private static double number(@Nullable Object json) {
    if (json instanceof Number n) {
      return n.doubleValue();
    }
    throw new IllegalArgumentException("expected a number, got " + json);
  }

  @Test
  void aParameterWithoutGradientIsLeftAsItIs() {
    for (Function<Map<String, Tensor>, Optimizer> kind : kinds()) {
      Map<String, Tensor> parameters = parameters();
      Optimizer optimizer = kind.apply(parameters);
      optimizer.step(gradients(parameters, "w"));
      assertThat(values(parameters).get(0)).isNotEqualTo(values(parameters()).get(0));
      assertThat(values(parameters).get(1)).isEqualTo(values(parameters()).get(1));
      assertThat(optimizer.state()).doesNotContainKey("b.step");
    }
  }

  @Test
  void aParameterThatIsThereTwiceIsChangedOnce() {
    Map<String, Tensor> once = parameters();
    Map<String, Tensor> twice = new LinkedHashMap<>(parameters());
    twice.put("tied", twice.getOrDefault("w", Tensor.zeros()));
    train(Sgd.over(once).build(), once, 1);
    train(Sgd.over(twice).build(), twice, 1);
    assertThat(values(twice).get(0)).isEqualTo(values(once).get(0));
  }

  @Test
  void trainingGoesOnToTheSameBits(@TempDir Path folder) throws IOException {
    for (Function<Map<String, Tensor>, Optimizer> kind : kinds()) {
      Map<String, Tensor> straight = parameters();
      train(kind.apply(straight), straight, 7);

      Map<String, Tensor> first = parameters();
      Optimizer before = kind.apply(first);
      train(before, first, 3);
      Path path = folder.resolve("state.safetensors");
      Safetensors.write(path, before.state(), Map.of());
      Map<String, Tensor> second = new LinkedHashMap<>();
      first.forEach((key, p) -> second.put(key, p.detach().tracked()));
      Optimizer after = kind.apply(second);
      after.load(Safetensors.read(path).tensors());
      train(before, first, 1); // must not move what was loaded
      train(after, second, 4);

      assertThat(values(second)).usingRecursiveComparison().isEqualTo(values(straight));
    }
  }

  @Test
  void stateOutlivesTheWorkspaceOfItsStep() {
    Map<String, Tensor> parameters = parameters();
    Optimizer optimizer = AdamW.over(parameters).build();
    try (Workspace step = Workspace.open()) {
      optimizer.step(gradients(parameters, "w", "b"));
    }
    assertThat(optimizer.state())
        .containsOnlyKeys(
            "learning_rate",
            "w.exp_avg",
            "w.exp_avg_sq",
            "w.step",
            "b.exp_avg",
            "b.exp_avg_sq",
            "b.step");
    // 0.1 of the gradient 3 b^2, rounded to float32 a few times
    assertThat(optimizer.state().getOrDefault("b.exp_avg", Tensor.zeros()).item())
        .isCloseTo(0.1 * 3 / 16, within(1e-8));
  }

  @Test
  void theLearningRateCanBeSetBetweenSteps() {
    Map<String, Tensor> parameters = parameters();
    Optimizer optimizer = Sgd.over(parameters).learningRate(0.5).build();
    optimizer.learningRate(0);
    train(optimizer, parameters, 3);
    assertThat(optimizer.learningRate()).isZero();
    assertThat(values(parameters)).usingRecursiveComparison().isEqualTo(values(parameters()));
  }

  @Test
  void stateOfAnotherNetworkOrOptimizerIsRefused() {
    Map<String, Tensor> parameters = parameters();
    Optimizer optimizer = AdamW.over(parameters).build();
    train(optimizer, parameters, 1);
    assertRefused(Map.of(), "the state needs 'learning_rate' of shape [], it has none");
    Map<String, Tensor> state = new LinkedHashMap<>(optimizer.state());
    state.put("w.exp_avg", Tensor.zeros(4));
    assertRefused(state, "the state needs 'w.exp_avg' of shape [2, 2], it has [4]");
    state = new LinkedHashMap<>(optimizer.state());
    state.put("v.step", Tensor.of(new double[] {1}));
    state.put("b.momentum_buffer", Tensor.zeros(1));
    assertRefused(
        state, "the state has what belongs to no parameter here: b.momentum_buffer, v.step");
  }

  private static List<double[]> numbers(Map<String, Tensor> state) {
    return state.values().stream().map(Tensor::toDoubleArray).toList();
  }

  private static void assertRefused(Map<String, Tensor> state, String problem) {
    Map<String, Tensor> parameters = parameters();
    Optimizer optimizer = AdamW.over(parameters).build();
    train(optimizer, parameters, 1);
    List<double[]> before = numbers(optimizer.state());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> optimizer.load(state))
        .withMessage("optimizer: " + problem);
    assertThat(numbers(optimizer.state())).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void settingsAreChecked() {
    Map<String, Tensor> p = parameters();
    assertSetting(() -> Sgd.over(p).learningRate(-0.1).build(), "learningRate=-0.1");
    assertSetting(() -> Sgd.over(p).momentum(Double.NaN), "momentum=NaN");
    assertSetting(() -> Sgd.over(p).dampening(-1), "dampening=-1.0");
    assertSetting(
        () -> AdamW.over(p).weightDecay(Double.POSITIVE_INFINITY), "weightDecay=Infinity");
    assertSetting(() -> Adam.over(p).eps(-1e-8), "eps=-1.0E-8");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Adam.over(p).betas(0.9, 1))
        .withMessage("optimizer: beta2=1.0 must be in [0, 1)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sgd.over(p).nesterov(true).build())
        .withMessage(
            "optimizer: nesterov needs momentum above 0 and dampening 0, got momentum=0.0 and"
                + " dampening=0.0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sgd.over(Map.of()).build())
        .withMessage("optimizer: there are no parameters");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Sgd.over(Map.of("w", Tensor.zeros(2))).build())
        .withMessage("optimizer: 'w' (tensor FLOAT32 [2]) is no tracked leaf");
  }

  private static void assertSetting(Runnable setting, String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(setting::run)
        .withMessage("optimizer: " + value + " must be finite and not negative");
  }
}
