package dev.cadenza.io;

import dev.cadenza.nn.Layer;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The parameters and buffers of a network in a {@code .safetensors} file, by the keys of {@link
 * Layer#state()}. They are PyTorch's: a state dict saved there for the same architecture loads
 * here, and ours loads there with {@code strict=True}.
 */
public final class StateDict {
  /** PyTorch's batch norm counts its batches; with a fixed momentum nothing depends on it. */
  private static final String IGNORED = "num_batches_tracked";

  private static final int MOST_LISTED = 8;

  private StateDict() {}

  /** Writes the state of a network, and {@code metadata}, strings by name. */
  public static void save(Layer network, Path path, Map<String, String> metadata)
      throws IOException {
    Safetensors.write(path, network.state(), metadata);
  }

  /**
   * Copies the values of a file into a network; a value is converted where the network's data type
   * differs. Returns what was read, with its metadata.
   *
   * @throws CheckpointException if names or shapes differ; the network is then as it was
   */
  public static Safetensors.File load(Layer network, Path path) throws IOException {
    return load(network, path, UnaryOperator.identity());
  }

  /**
   * Loads a file whose keys differ.
   *
   * @param rename the network's key for each key of the file
   */
  public static Safetensors.File load(Layer network, Path path, UnaryOperator<String> rename)
      throws IOException {
    Safetensors.File file = Safetensors.read(path);
    load(network, file, rename);
    return file;
  }

  /** Loads what was read before, perhaps a part of a larger file: {@code file.under("net.")}. */
  public static void load(Layer network, Safetensors.File file) throws CheckpointException {
    load(network, file, UnaryOperator.identity());
  }

  private static void load(Layer network, Safetensors.File file, UnaryOperator<String> rename)
      throws CheckpointException {
    List<String> twice = new ArrayList<>();
    Map<String, Tensor> have = new LinkedHashMap<>();
    file.tensors()
        .forEach(
            (key, t) -> {
              String renamed = rename.apply(key);
              if (have.put(renamed, t) != null) {
                twice.add(renamed);
              }
            });
    Set<String> unexpected = new LinkedHashSet<>(have.keySet());
    file.integers().keySet().forEach(key -> unexpected.add(rename.apply(key)));
    unexpected.removeIf(key -> key.endsWith(IGNORED));
    List<String> missing = new ArrayList<>();
    List<String> otherShapes = new ArrayList<>();
    Map<String, Tensor> state = network.state();
    state.forEach(
        (key, to) -> {
          Tensor from = have.get(key);
          if (from == null) {
            missing.add(key);
          } else if (!from.shape().equals(to.shape())) {
            otherShapes.add(key + " " + from.shape() + " instead of " + to.shape());
          }
          unexpected.remove(key);
        });
    List<String> problems = new ArrayList<>();
    report(problems, "given twice", twice);
    report(problems, "missing", missing);
    report(problems, "unexpected", new ArrayList<>(unexpected));
    report(problems, "other shapes", otherShapes);
    if (!problems.isEmpty()) {
      throw new CheckpointException(
          file.path(), "does not fit the network: " + String.join("; ", problems));
    }
    state.forEach(
        (key, to) -> {
          Tensor from = have.get(key);
          if (from != null) {
            to.array().assign(from.array().cast(to.type()));
          }
        });
  }

  private static void report(List<String> problems, String what, List<String> keys) {
    if (!keys.isEmpty()) {
      int listed = Math.min(keys.size(), MOST_LISTED);
      String more = keys.size() > listed ? " and " + (keys.size() - listed) + " more" : "";
      problems.add(what + " " + String.join(", ", keys.subList(0, listed)) + more);
    }
  }
}
