package dev.cadenza.train;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.data.ArrayDataset;
import dev.cadenza.data.DataLoader;
import dev.cadenza.kernel.Array;
import dev.cadenza.loss.CrossEntropyLoss;
import dev.cadenza.nn.Dropout;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Linear;
import dev.cadenza.nn.Pass;
import dev.cadenza.nn.Sequential;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.optim.Sgd;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private static final int SIZE = 20;
  private static final long SEED = 7;

  /** Example i is around (1, 0) if i is even, else around (0, 1). */
  private static ArrayDataset twoClouds() {
    SplittableRandom rng = new SplittableRandom(3);
    List<float[]> features = new ArrayList<>();
    for (int i = 0; i < SIZE; i++) {
      float x = (float) rng.nextDouble(0.3);
      float y = (float) rng.nextDouble(0.3);
      features.add(i % 2 == 0 ? new float[] {1 + x, y} : new float[] {x, 1 + y});
    }
    return new ArrayDataset(
        Shape.of(2), features, IntStream.range(0, SIZE).map(i -> i % 2).toArray());
  }

  private static Layer network() {
    SplittableRandom rng = new SplittableRandom(5);
    return new Sequential(new Linear(2, 16, rng), new Dropout(0.25), new Linear(16, 2, rng));
  }

  private static DataLoader loader(ArrayDataset data) {
    return DataLoader.over(data).batchSize(8).shuffle(11).build();
  }

  private static Optimizer sgd(Layer network) {
    return Sgd.over(network.parameters()).learningRate(0.1).momentum(0.8).build();
  }

  private static List<float[]> weights(Layer network) {
    return network.parameters().values().stream().map(Tensor::toFloatArray).toList();
  }

  @Test
  void learns_and_tells_after_every_step() {
    Layer network = network();
    Trainer trainer = Trainer.of(network, sgd(network), SEED);
    List<Trainer.Scores> told = new ArrayList<>();
    try (DataLoader loader = loader(twoClouds())) {
      Trainer.Scores first = trainer.epoch(0, loader, told::add);
      assertThat(told).hasSize(3).last().isEqualTo(first);
      assertThat(told).extracting(Trainer.Scores::steps).containsExactly(1, 2, 3);
      assertThat(told).extracting(Trainer.Scores::examples).containsExactly(8, 16, SIZE);
      Trainer.Scores last = first;
      for (int epoch = 1; epoch < 30; epoch++) {
        last = trainer.epoch(epoch, loader);
      }
      assertThat(last.loss()).isLessThan(first.loss() / 2);
      assertThat(last.accuracy()).isEqualTo(1);
    }
    Predictions predictions = Predictions.of(network, twoClouds(), i -> "");
    assertThat(predictions.accuracy()).isEqualTo(1);
    assertThat(predictions.predicted()).isEqualTo(predictions.truth());
    assertThat(predictions.report(List.of("a", "b")).uar()).isEqualTo(1);
    assertThat(predictions.probabilities()).hasDimensions(SIZE, 2);
    // Rounding of float32: two terms of at most 1.
    assertThat(predictions.probabilities()[4][0] + predictions.probabilities()[4][1])
        .isCloseTo(1, within(1e-6f));
  }

  @Test
  void scores_are_means_over_examples_not_over_batches() {
    // With a learning rate of 0 and no dropout all batches see the same network.
    Layer fixed = new Sequential(new Linear(2, 2, new SplittableRandom(5)));
    Trainer trainer = Trainer.of(fixed, Sgd.over(fixed.parameters()).learningRate(0).build(), SEED);
    Predictions expected = Predictions.of(fixed, twoClouds(), i -> "");
    try (DataLoader loader = loader(twoClouds())) {
      Trainer.Scores scores = trainer.epoch(0, loader);
      // Sums of 20 terms in another order, the losses in float32.
      assertThat(scores.loss()).isCloseTo(expected.loss(), within(1e-6));
      assertThat(scores.accuracy()).isCloseTo(expected.accuracy(), within(1e-12));
      // Half of the target goes to all classes alike: another loss.
      Trainer smooth = trainer.loss(CrossEntropyLoss.plain().labelSmoothing(0.5));
      assertThat(smooth.epoch(0, loader).loss()).isNotCloseTo(expected.loss(), within(1e-3));
    }
  }

  @Test
  void an_epoch_does_not_depend_on_the_ones_before() {
    Layer whole = network();
    Layer resumed = network();
    try (DataLoader loader = loader(twoClouds())) {
      Optimizer optimizer = sgd(whole);
      Trainer trainer = Trainer.of(whole, optimizer, SEED);
      trainer.epoch(0, loader);
      whole
          .state()
          .forEach((key, t) -> requireNonNull(resumed.state().get(key)).array().assign(t.array()));
      Optimizer other = sgd(resumed);
      other.load(optimizer.state());
      trainer.epoch(1, loader);
      Trainer.of(resumed, other, SEED).epoch(1, loader);
    }
    assertThat(weights(resumed)).usingRecursiveComparison().isEqualTo(weights(whole));
  }

  @Test
  void another_seed_drops_other_elements() {
    Layer a = network();
    Layer b = network();
    try (DataLoader loader = loader(twoClouds())) {
      Trainer.of(a, sgd(a), SEED).epoch(0, loader);
      Trainer.of(b, sgd(b), SEED + 1).epoch(0, loader);
    }
    assertThat(Arrays.equals(weights(a).get(0), weights(b).get(0))).isFalse();
  }

  @Test
  void names_the_input_that_is_not_finite() {
    List<float[]> features = List.of(new float[] {1, 2}, new float[] {3, Float.NaN});
    ArrayDataset data = new ArrayDataset(Shape.of(2), features, 0, 1);
    Layer network = network();
    List<float[]> before = weights(network);
    Trainer trainer = Trainer.of(network, sgd(network), SEED).names(i -> "clip-" + i + ".wav");
    try (DataLoader loader = DataLoader.over(data).build()) {
      assertThatExceptionOfType(NonFiniteLossException.class)
          .isThrownBy(() -> trainer.epoch(2, loader))
          .withMessage(
              "training: epoch 3, step 1 of 1: the loss is NaN, the input has NaN in clip-1.wav;"
                  + " batch: clip-0.wav, clip-1.wav");
    }
    assertThat(weights(network)).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void names_the_parameter_that_is_not_finite() {
    Layer network = network();
    requireNonNull(network.parameters().get("2.weight"))
        .replace(filled(Float.POSITIVE_INFINITY, 2, 16));
    assertThatExceptionOfType(NonFiniteLossException.class)
        .isThrownBy(() -> train(network))
        .withMessageStartingWith(
            "training: epoch 1, step 1 of 3: the loss is NaN, first found in '2.weight', as the"
                + " step before left it; batch: example ");
  }

  @Test
  void names_the_layer_whose_output_is_not_finite_first() {
    Layer network = network();
    requireNonNull(network.parameters().get("0.weight")).replace(filled(3e38f, 16, 2));
    assertThatExceptionOfType(NonFiniteLossException.class)
        .isThrownBy(() -> train(network))
        .withMessageStartingWith(
            "training: epoch 1, step 1 of 3: the loss is NaN, first found in the output of '0'"
                + " Linear(2 -> 16); batch: example ");
  }

  @Test
  void evaluation_names_the_layer_too() {
    Layer network =
        new Sequential(
            new Linear(2, 2, new SplittableRandom(1)),
            new Layer() {
              @Override
              protected Tensor compute(Tensor x, Pass pass) {
                return x.mul(Double.NaN);
              }

              @Override
              public String toString() {
                return "Broken";
              }
            });
    ArrayDataset one = new ArrayDataset(Shape.of(2), List.of(new float[] {1, 2}), 0);
    assertThatExceptionOfType(NonFiniteLossException.class)
        .isThrownBy(() -> Predictions.of(network, one, i -> "only.wav"))
        .withMessage(
            "evaluation: batch 1 of 1: the loss is NaN, first found in the output of '1' Broken;"
                + " batch: only.wav");
  }

  private static void train(Layer network) {
    try (DataLoader loader = loader(twoClouds())) {
      Trainer.of(network, sgd(network), SEED).epoch(0, loader);
    }
  }

  private static Array filled(float value, int rows, int columns) {
    float[] values = new float[rows * columns];
    Arrays.fill(values, value);
    return Tensor.of(values, rows, columns).array();
  }
}
