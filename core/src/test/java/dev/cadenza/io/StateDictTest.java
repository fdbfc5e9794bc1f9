package dev.cadenza.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cadenza.kernel.DType;
import dev.cadenza.nn.BatchNorm2d;
import dev.cadenza.nn.Conv2d;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Linear;
import dev.cadenza.nn.Pass;
import dev.cadenza.nn.Sequential;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictTest {
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void nameFile() {
    path = folder.resolve("net.safetensors");
  }

  private static Layer network(long seed) {
    Conv2d conv = new Conv2d(1, 3, Window.square(2), new SplittableRandom(seed));
    return new Sequential(conv, new BatchNorm2d(3));
  }

  @Test
  void a_loaded_network_computes_the_same_bits() throws IOException {
    Layer saved = network(1);
    Tensor x = Tensor.of(new float[] {1, 2, -3, 4, 5, -6, 7, 8, 9}, 1, 1, 3, 3);
    saved.forward(x, Pass.train(new SplittableRandom(2))); // moves the running statistics
    StateDict.save(saved, path, Map.of("made by", "a test"));
    Layer loaded = network(3);
    Safetensors.File file = StateDict.load(loaded, path);
    assertThat(file.metadata()).containsExactly(Map.entry("made by", "a test"));
    assertSameState(loaded, saved);
    assertThat(loaded.forward(x, Pass.eval()).toFloatArray())
        .isEqualTo(saved.forward(x, Pass.eval()).toFloatArray());
  }

  @Test
  void parameters_stay_the_same_objects() throws IOException {
    StateDict.save(network(1), path, Map.of());
    Layer loaded = network(2);
    Map<String, Tensor> before = loaded.parameters();
    StateDict.load(loaded, path);
    loaded.parameters().forEach((key, p) -> assertThat(p).isSameAs(before.get(key)));
  }

  @Test
  void values_take_the_type_of_the_network() throws IOException {
    Layer wide = network(1).to(DType.FLOAT64);
    StateDict.save(wide, path, Map.of());
    assertThat(Safetensors.read(path).tensor("0.weight").type()).isEqualTo(DType.FLOAT64);
    Layer narrow = network(2);
    StateDict.load(narrow, path);
    assertSameState(narrow, network(1));
  }

  @Test
  void keys_can_be_renamed() throws IOException {
    Map<String, Tensor> tensors = new HashMap<>();
    network(1).state().forEach((key, t) -> tensors.put("module." + key, t));
    Safetensors.write(path, tensors, Map.of());
    Layer loaded = network(2);
    StateDict.load(loaded, path, key -> key.replaceFirst("^module\\.", ""));
    assertSameState(loaded, network(1));
  }

  @Test
  void a_part_of_a_larger_file_loads() throws IOException {
    Map<String, Tensor> tensors = new HashMap<>(Map.of("scaler.mean", Tensor.zeros(3)));
    network(1).state().forEach((key, t) -> tensors.put("net." + key, t));
    Safetensors.write(path, tensors, Map.of());
    Layer loaded = network(2);
    StateDict.load(loaded, Safetensors.read(path).under("net."));
    assertSameState(loaded, network(1));
  }

  @Test
  void pytorchs_count_of_batches_is_ignored() throws IOException {
    Map<String, Tensor> tensors = new HashMap<>(network(1).state());
    tensors.put("1.num_batches_tracked", Tensor.of(new float[] {7}));
    Safetensors.write(path, tensors, Map.of());
    Layer loaded = network(2);
    StateDict.load(loaded, path);
    assertSameState(loaded, network(1));
  }

  @Test
  void what_does_not_fit_is_listed_and_nothing_is_copied() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(network(1).state());
    tensors.remove("0.bias");
    tensors.remove("1.running_mean");
    tensors.put("1.weight", Tensor.zeros(1, 3));
    tensors.put("2.weight", Tensor.zeros(5));
    Safetensors.write(path, tensors, Map.of());
    Layer network = network(2);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateDict.load(network, path))
        .withMessage(
            path
                + ": does not fit the network: missing 0.bias, 1.running_mean;"
                + " unexpected 2.weight; other shapes 1.weight [1, 3] instead of [3]");
    assertSameState(network, network(2));
  }

  @Test
  void keys_that_meet_in_one_are_refused() throws IOException {
    Safetensors.write(path, new Linear(1, 1, new SplittableRandom(1)).state(), Map.of());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(
            () -> StateDict.load(new Linear(1, 1, new SplittableRandom(1)), path, key -> "bias"))
        .withMessage(path + ": does not fit the network: given twice bias; missing weight");
  }

  @Test
  void a_long_list_is_cut() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>(network(1).state());
    for (int i = 0; i < 11; i++) {
      tensors.put("x" + i, Tensor.zeros(1));
    }
    Safetensors.write(path, tensors, Map.of());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> StateDict.load(network(1), path))
        .withMessage(
            path
                + ": does not fit the network: unexpected x0, x1, x2, x3, x4, x5, x6, x7"
                + " and 3 more");
  }

  private static void assertSameState(Layer actual, Layer expected) {
    assertThat(values(actual)).containsExactlyEntriesOf(values(expected));
  }

  private static Map<String, List<Float>> values(Layer network) {
    Map<String, List<Float>> values = new LinkedHashMap<>();
    network.state().forEach((key, t) -> values.put(key, list(t.toFloatArray())));
    return values;
  }

  private static List<Float> list(float[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }
}
