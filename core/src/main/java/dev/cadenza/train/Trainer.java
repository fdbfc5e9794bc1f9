package dev.cadenza.train;

import dev.cadenza.data.Batch;
import dev.cadenza.data.DataLoader;
import dev.cadenza.data.Seeds;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.loss.CrossEntropyLoss;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.tensor.Tensor;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Teaches a classifier, one epoch at a time:
 *
 * <pre>{@code
 * Trainer trainer = Trainer.of(net, Sgd.over(net.parameters()).learningRate(0.01).build(), seed);
 * for (int epoch = 0; epoch < epochs; epoch++) {
 *   Trainer.Scores scores = trainer.epoch(epoch, loader);
 * }
 * }</pre>
 *
 * <p>The randomness of a step depends on the seed, the epoch and the step alone. So a run that goes
 * on from a saved network and optimizer reaches the same bits as one that was never interrupted.
 */
public final class Trainer {
  private final Layer network;
  private final Optimizer optimizer;
  private final long seed;
  private final CrossEntropyLoss loss;
  private final IntFunction<String> names;

  private Trainer(
      Layer network,
      Optimizer optimizer,
      long seed,
      CrossEntropyLoss loss,
      IntFunction<String> names) {
    this.network = network;
    this.optimizer = optimizer;
    this.seed = seed;
    this.loss = loss;
    this.names = names;
  }

  /**
   * Training by plain cross-entropy.
   *
   * @param network from inputs to logits [N, K]; its parameters are modified
   * @param optimizer of these parameters
   * @param seed of dropout and the like
   */
  public static Trainer of(Layer network, Optimizer optimizer, long seed) {
    return new Trainer(network, optimizer, seed, CrossEntropyLoss.plain(), i -> "example " + i);
  }

  /** A trainer with another loss. */
  public Trainer loss(CrossEntropyLoss loss) {
    return new Trainer(network, optimizer, seed, loss, names);
  }

  /** A trainer whose messages call the examples of the data set by these names. */
  public Trainer names(IntFunction<String> names) {
    return new Trainer(network, optimizer, seed, loss, names);
  }

  /**
   * What was reached so far in an epoch. Loss and accuracy are those of the training passes: with
   * dropout, while parameters were changing.
   *
   * @param steps batches learned from
   * @param examples number of examples in them
   * @param loss mean over the examples
   * @param accuracy fraction of the examples recognised
   */
  public record Scores(int steps, int examples, double loss, double accuracy) {
    private static final Scores NONE = new Scores(0, 0, 0, 0);

    private Scores and(int count, double loss, double accuracy) {
      double weight = (double) count / (examples + count);
      return new Scores(
          steps + 1,
          examples + count,
          this.loss + weight * (loss - this.loss),
          this.accuracy + weight * (accuracy - this.accuracy));
    }
  }

  /** {@link #epoch(int, DataLoader, Consumer)} without a listener. */
  public Scores epoch(int epoch, DataLoader loader) {
    return epoch(epoch, loader, soFar -> {});
  }

  /**
   * Learns from all batches of an epoch.
   *
   * @param epoch counted from 0
   * @param listener is told after every step
   * @throws NonFiniteLossException if a loss is NaN or infinite, before parameters change by it
   */
  public Scores epoch(int epoch, DataLoader loader, Consumer<Scores> listener) {
    Scores soFar = Scores.NONE;
    for (Batch batch : loader.epoch(epoch)) {
      try (Workspace memory = Workspace.open()) {
        int step = soFar.steps;
        Tensor logits = network.forward(batch.inputs(), pass(epoch, step));
        Tensor mean = loss.of(logits, batch.labels());
        if (!Double.isFinite(mean.item())) {
          String place =
              "training: epoch " + (epoch + 1) + ", step " + (step + 1) + " of " + loader.batches();
          throw Diagnosis.of(place, mean.item(), network, batch, pass(epoch, step), names);
        }
        optimizer.step(mean.backward());
        soFar = soFar.and(batch.size(), mean.item(), accuracy(logits, batch.labels()));
      }
      listener.accept(soFar);
    }
    return soFar;
  }

  private Pass pass(int epoch, int step) {
    return Pass.train(Seeds.of(seed, epoch, step));
  }

  private static double accuracy(Tensor logits, int[] labels) {
    float[] rows = logits.toFloatArray();
    int k = rows.length / labels.length;
    int hits = 0;
    for (int i = 0; i < labels.length; i++) {
      hits += Predictions.largest(rows, i * k, k) == labels[i] ? 1 : 0;
    }
    return (double) hits / labels.length;
  }
}
