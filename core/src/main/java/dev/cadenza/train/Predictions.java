package dev.cadenza.train;

import dev.cadenza.data.Batch;
import dev.cadenza.data.DataLoader;
import dev.cadenza.data.Dataset;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.loss.Losses;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a classifier says about the examples of a data set, in their order there.
 *
 * @param loss mean cross-entropy
 * @param truth [N] true labels
 * @param predicted [N] the most probable labels
 * @param probabilities [N][K]
 */
public record Predictions(double loss, int[] truth, int[] predicted, float[][] probabilities) {

  private static final int BATCH = 32;

  /**
   * Runs a network in evaluation mode over a data set.
   *
   * @param network from inputs to logits [N, K]
   * @param names what the examples are called, for messages
   * @throws NonFiniteLossException if the loss of a batch is NaN or infinite
   */
  public static Predictions of(Layer network, Dataset data, IntFunction<String> names) {
    float[][] probabilities = new float[data.size()][];
    double sum = 0;
    try (DataLoader loader = DataLoader.over(data).batchSize(BATCH).build()) {
      int done = 0;
      for (Batch batch : loader.epoch(0)) {
        try (Workspace memory = Workspace.open()) {
          Tensor logits = network.forward(batch.inputs(), Pass.eval());
          double loss = Losses.crossEntropy(logits, batch.labels()).item();
          if (!Double.isFinite(loss)) {
            String place = "evaluation: batch " + (done / BATCH + 1) + " of " + loader.batches();
            throw Diagnosis.of(place, loss, network, batch, Pass.eval(), names);
          }
          sum += loss * batch.size();
          float[] rows = logits.softmax(-1).toFloatArray();
          int k = logits.dim(1);
          for (int i = 0; i < batch.size(); i++) {
            probabilities[done++] = Arrays.copyOfRange(rows, i * k, (i + 1) * k);
          }
        }
      }
    }
    return new Predictions(
        sum / data.size(),
        IntStream.range(0, data.size()).map(data::label).toArray(),
        Arrays.stream(probabilities).mapToInt(p -> largest(p, 0, p.length)).toArray(),
        probabilities);
  }

  /** Fraction of examples recognised. */
  public double accuracy() {
    int hits = 0;
    for (int i = 0; i < truth.length; i++) {
      hits += truth[i] == predicted[i] ? 1 : 0;
    }
    return (double) hits / truth.length;
  }

  /** The scores for classes of these names. */
  public ClassificationReport report(List<String> classes) {
    return ClassificationReport.of(classes, truth, predicted);
  }

  /** The index of the largest of {@code count} values from {@code offset} on, from 0. */
  static int largest(float[] values, int offset, int count) {
    int best = 0;
    for (int i = 1; i < count; i++) {
      if (values[offset + i] > values[offset + best]) {
        best = i;
      }
    }
    return best;
  }
}
