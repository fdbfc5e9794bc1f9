package dev.cadenza.train;

import dev.cadenza.data.Batch;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Finds out where the first number that is not finite comes from. */
final class Diagnosis {
  private Diagnosis() {}

  /**
   * Runs a batch once more and looks at everything on the way.
   *
   * @param place what was done, for the message
   * @param pass the same as the one that went wrong, at its beginning
   * @param names what the examples are called
   */
  static NonFiniteLossException of(
      String place, double loss, Layer network, Batch batch, Pass pass, IntFunction<String> names) {
    Tensor inputs = batch.inputs();
    String culprit = inInputs(inputs, batch.indices(), names);
    if (culprit == null) {
      culprit = inState(network);
    }
    if (culprit == null) {
      culprit = inLayers(network, inputs, pass);
    }
    String examples =
        Arrays.stream(batch.indices()).mapToObj(names).collect(Collectors.joining(", "));
    return new NonFiniteLossException(
        place
            + ": the loss is "
            + loss
            + ", "
            + (culprit == null ? "all that the layers gave out is finite" : culprit)
            + "; batch: "
            + examples);
  }

  private static @Nullable String inInputs(
      Tensor inputs, int[] indices, IntFunction<String> names) {
    double[] numbers = inputs.toDoubleArray();
    int size = numbers.length / indices.length;
    for (int i = 0; i < numbers.length; i++) {
      if (!Double.isFinite(numbers[i])) {
        return "the input has " + numbers[i] + " in " + names.apply(indices[i / size]);
      }
    }
    return null;
  }

  private static @Nullable String inState(Layer network) {
    for (Map.Entry<String, Tensor> e : network.state().entrySet()) {
      if (!isFinite(e.getValue())) {
        return "first found in '" + e.getKey() + "', as the step before left it";
      }
    }
    return null;
  }

  private static @Nullable String inLayers(Layer network, Tensor inputs, Pass pass) {
    List<Layer> found = new ArrayList<>();
    network.forward(
        inputs,
        pass.observedBy(
            (layer, y) -> {
              if (found.isEmpty() && !isFinite(y)) {
                found.add(layer);
              }
            }));
    return found.isEmpty() ? null : "first found in the output of " + name(found.get(0), network);
  }

  private static String name(Layer layer, Layer network) {
    StringBuilder key = new StringBuilder();
    network.walk(
        (prefix, inner) -> {
          if (inner == layer && !prefix.isEmpty()) {
            key.append('\'').append(prefix, 0, prefix.length() - 1).append("' ");
          }
        });
    return key.append(layer).toString();
  }

  private static boolean isFinite(Tensor t) {
    return DoubleStream.of(t.toDoubleArray()).allMatch(Double::isFinite);
  }
}
