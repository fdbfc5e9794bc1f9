package dev.cadenza.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.io.Safetensors;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.testing.Golden;
import dev.cadenza.testing.Rounding;
import dev.cadenza.testing.TensorAssert;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

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

  static List<Golden.Case> cases() {
    return Golden.open("optim").cases();
  }

  @Test
  void every_golden_case_is_used() {
    assertThat(cases()).hasSize(24);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void trajectories_equal_pytorch(Golden.Case c) {
    Map<String, Tensor> parameters = new LinkedHashMap<>();
    for (String role : List.of("in0", "in1")) {
      parameters.put(role, c.tensor(role).tracked());
    }
    Optimizer optimizer = optimizer(c, parameters);
    for (int i = 0; i < STEPS; i++) {
      int step = i;
      Tensor loss =
          parameters.entrySet().stream()
              .map(e -> e.getValue().mul(row(c.tensor("grad_" + e.getKey()), step)).sum())
              .reduce(Tensor::add)
              .orElseThrow();
      optimizer.step(loss.backward());
      // A step rounds each number about five times, and values are below 4.
      double tolerance = 2.5 * 4 * Rounding.ulp(c.type()) * (step + 1);
      parameters.forEach(
          (role, p) ->
              TensorAssert.assertThat(p)
                  .as("%s after step %d", role, step)
                  .isCloseTo(row(c.tensor(role.replace("in", "out")), step), tolerance));
    }
  }

  private static Tensor row(Tensor path, int step) {
    int[] dims = path.shape().slice(1, path.shape().rank()).dims();
    return path.slice(0, step, step + 1).reshape(dims);
  }

  private static Optimizer optimizer(Golden.Case c, Map<String, Tensor> parameters) {
    double rate = c.number("lr");
    double decay = c.number("weight_decay");
    if (c.name().startsWith("sgd")) {
      return Sgd.over(parameters)
          .learningRate(rate)
          .momentum(c.number("momentum"))
          .dampening(c.number("dampening"))
          .nesterov(c.flag("nesterov"))
          .weightDecay(decay)
          .build();
    }
    if (c.name().startsWith("adamw_default")) {
      return AdamW.over(parameters).build();
    }
    double[] betas = c.numbers("betas");
    boolean decoupled = c.name().startsWith("adamw");
    return (decoupled ? AdamW.over(parameters) : Adam.over(parameters))
        .learningRate(rate)
        .weightDecay(decay)
        .eps(c.number("eps"))
        .betas(betas[0], betas[1])
        .build();
  }

  @Test
  void a_parameter_without_gradient_is_left_as_it_is() {
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
  void without_weight_decay_infinity_stays_infinity() {
    Tensor p = Tensor.of(new float[] {Float.POSITIVE_INFINITY, 1}, 2).tracked();
    Gradients one = p.sum().backward();
    for (Optimizer o :
        List.of(
            Sgd.over(Map.of("p", p)).learningRate(0.5).momentum(0.8).build(),
            Adam.over(Map.of("p", p)).build(),
            AdamW.over(Map.of("p", p)).build())) {
      o.step(one);
      assertThat(p.toFloatArray()[0]).isEqualTo(Float.POSITIVE_INFINITY);
    }
    assertThat(p.toFloatArray()[1]).isLessThan(0.5f);
  }

  @Test
  void a_parameter_that_is_there_twice_is_changed_once() {
    Map<String, Tensor> once = parameters();
    Map<String, Tensor> twice = new LinkedHashMap<>(parameters());
    twice.put("tied", twice.getOrDefault("w", Tensor.zeros()));
    train(Sgd.over(once).build(), once, 1);
    train(Sgd.over(twice).build(), twice, 1);
    assertThat(values(twice).get(0)).isEqualTo(values(once).get(0));
  }

  @Test
  void training_goes_on_to_the_same_bits(@TempDir Path folder) throws IOException {
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
  void state_outlives_the_workspace_of_its_step() {
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
  void the_learning_rate_can_be_set_between_steps() {
    Map<String, Tensor> parameters = parameters();
    Optimizer optimizer = Sgd.over(parameters).learningRate(0.5).build();
    optimizer.learningRate(0);
    train(optimizer, parameters, 3);
    assertThat(optimizer.learningRate()).isZero();
    assertThat(values(parameters)).usingRecursiveComparison().isEqualTo(values(parameters()));
  }

  @Test
  void state_of_another_network_or_optimizer_is_refused() {
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
  void settings_are_checked() {
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
