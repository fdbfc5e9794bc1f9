package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.cadenza.io.CheckpointException;
import dev.cadenza.io.Safetensors;
import dev.cadenza.kernel.Threads;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingRunTest {

  private static final String ALL = new Augment(List.of(Augment.Kind.values())).toString();

  @TempDir private Path dir;
  private final int threads = Threads.count();

  @AfterEach
  void restoreThreads() {
    Threads.use(threads);
  }

  private TrainingRun run(String folder, Split split, Recipe recipe) throws IOException {
    Path path = Files.createDirectories(dir.resolve(folder));
    return new TrainingRun(
        Tiny.NETWORK,
        Tiny.origin(split, recipe),
        split,
        new RunFolder(path),
        new FeatureStore(new FrontEnd(Tiny.FEATURES)));
  }

  private static Progress silent() {
    return new Progress(new PrintWriter(Writer.nullWriter()), false, 1);
  }

  private byte[] bytes(String file) throws IOException {
    return Files.readAllBytes(dir.resolve(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "specaugment"})
  void a_resumed_run_ends_in_the_same_bits(String augment) throws IOException {
    TrainingRun whole = run("whole", Tiny.split(), varied(4, augment));
    whole.run(silent());
    run("resumed", Tiny.split(), varied(2, augment)).run(silent());
    TrainingRun resumed = run("resumed", Tiny.split(), varied(4, augment));
    resumed.resume();
    assertThat(resumed.history()).hasSize(2);
    resumed.run(silent());
    assertThat(resumed.history()).isEqualTo(whole.history()).hasSize(4);
    // Weights, running statistics, momentum, history: everything to the last bit.
    assertThat(bytes("resumed/last.safetensors")).isEqualTo(bytes("whole/last.safetensors"));
    assertThat(bytes("resumed/history.json")).isEqualTo(bytes("whole/history.json"));
    assertThat(tensors("resumed/model.safetensors")).isEqualTo(tensors("whole/model.safetensors"));
  }

  @Test
  void one_seed_gives_the_same_bits_for_any_number_of_threads() throws IOException {
    Threads.use(1);
    run("one", Tiny.split(), varied(2, ALL)).run(silent());
    Threads.use(2);
    run("two", Tiny.split(), varied(2, ALL)).run(silent());
    run("again", Tiny.split(), varied(2, ALL)).run(silent());
    assertThat(bytes("two/last.safetensors")).isEqualTo(bytes("one/last.safetensors"));
    assertThat(bytes("again/last.safetensors")).isEqualTo(bytes("one/last.safetensors"));
    assertThat(bytes("two/model.safetensors")).isEqualTo(bytes("one/model.safetensors"));
  }

  @Test
  void another_seed_gives_another_network() throws IOException {
    run("a", Tiny.split(), Tiny.recipe(1)).run(silent());
    Recipe other =
        Tiny.recipe(Tiny.SEED + 1, 1, 100, 0.01, Recipe.ScheduleKind.CONSTANT, Augment.NONE);
    run("b", Tiny.split(), other).run(silent());
    assertThat(tensors("a/model.safetensors")).isNotEqualTo(tensors("b/model.safetensors"));
  }

  /** What the test clips sound like has no influence on scaling, weights or the epoch chosen. */
  @Test
  void the_test_part_cannot_leak() throws IOException {
    Split split = Tiny.split();
    Split poisoned =
        new Split(
            split.protocol(),
            split.fold(),
            split.folds(),
            split.train(),
            split.validation(),
            poisoned(split.test()));
    run("clean", split, varied(2, ALL)).run(silent());
    run("poisoned", poisoned, varied(2, ALL)).run(silent());
    assertThat(bytes("poisoned/last.safetensors")).isEqualTo(bytes("clean/last.safetensors"));
    assertThat(bytes("poisoned/model.safetensors")).isEqualTo(bytes("clean/model.safetensors"));
  }

  /** The validation part chooses the epoch and nothing else. */
  @Test
  void the_validation_part_reaches_neither_scaling_nor_weights() throws IOException {
    Split split = Tiny.split();
    Split poisoned =
        new Split(
            split.protocol(),
            split.fold(),
            split.folds(),
            split.train(),
            poisoned(split.validation()),
            split.test());
    run("clean", split, varied(2, ALL)).run(silent());
    run("poisoned", poisoned, varied(2, ALL)).run(silent());
    assertThat(tensors("poisoned/last.safetensors")).isEqualTo(tensors("clean/last.safetensors"));
    assertThat(scaler("poisoned/model.safetensors")).isEqualTo(scaler("clean/model.safetensors"));
    assertThat(bytes("poisoned/history.json")).isNotEqualTo(bytes("clean/history.json"));
  }

  /** The same names and speakers, the bytes of clips by another seed. */
  private static List<Clip> poisoned(List<Clip> clips) {
    List<Clip> poisoned = new ArrayList<>();
    Corpus other =
        new SyntheticCorpus(clips.stream().map(Clip::name).toList(), Tiny.SEED + 1).inMemory();
    for (Clip clip : other.clips()) {
      poisoned.add(clip);
    }
    assertThat(poisoned).hasSameSizeAs(clips).doesNotContainAnyElementsOf(clips);
    return poisoned;
  }

  @Test
  void variations_of_recordings_triple_the_training_part_alone() throws IOException {
    Split split = Tiny.split();
    int clips = split.train().size();
    assertThat(run("a", split, Tiny.recipe(1)).examples()).isEqualTo(clips);
    assertThat(run("b", split, varied(1, "noise")).examples()).isEqualTo(3 * clips);
    assertThat(run("c", split, varied(1, "speed,specaugment")).examples()).isEqualTo(3 * clips);
    assertThat(run("d", split, varied(1, "specaugment")).examples()).isEqualTo(clips);
    FeatureStore store = new FeatureStore(new FrontEnd(Tiny.FEATURES));
    List<Clip> one = split.train().subList(0, 1);
    assertThat(store.augmented(one, Augment.parse("noise"), 1).names())
        .containsExactly(stem(one), stem(one) + " (copy 1)", stem(one) + " (copy 2)");
  }

  @Test
  void every_variation_gives_another_network() throws IOException {
    Set<Object> networks = new HashSet<>();
    networks.add(network("none"));
    for (Augment.Kind kind : Augment.Kind.values()) {
      networks.add(network(kind.toString()));
    }
    assertThat(networks).hasSize(1 + Augment.Kind.values().length);
  }

  private Object network(String augment) throws IOException {
    run(augment, Tiny.split(), varied(1, augment)).run(silent());
    return tensors(augment + "/model.safetensors");
  }

  /** What the scaling and the scores are computed from holds no masks. */
  @Test
  void masks_fall_on_what_the_network_is_trained_with_alone() throws IOException {
    run("plain", Tiny.split(), Tiny.recipe(1)).run(silent());
    run("masked", Tiny.split(), varied(1, "specaugment")).run(silent());
    assertThat(scaler("masked/model.safetensors")).isEqualTo(scaler("plain/model.safetensors"));
    assertThat(tensors("masked/model.safetensors"))
        .isNotEqualTo(tensors("plain/model.safetensors"));
  }

  private static String stem(List<Clip> clips) {
    return clips.get(0).name().stem();
  }

  @Test
  void stops_when_patience_is_at_its_end() throws IOException {
    Recipe still = Tiny.recipe(1, 50, 3, 0, Recipe.ScheduleKind.CONSTANT, Augment.NONE);
    TrainingRun run = run("still", Tiny.split(), still);
    EmotionModel best = run.run(silent());
    // Batch norm keeps learning its statistics, but no weight changes: the score soon stands still.
    assertThat(run.history()).hasSizeLessThan(50);
    assertThat(run.history().size() - best.origin().validation().epoch()).isEqualTo(3);
  }

  @Test
  void does_not_go_on_with_another_run() throws IOException {
    run("run", Tiny.split(), Tiny.recipe(1)).run(silent());
    TrainingRun other = run("run", Tiny.split(), varied(1, "pitch,noise"));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(other::resume)
        .withMessage(
            dir.resolve("run/last.safetensors")
                + ": is of another run: recipe.augment was \"none\", is \"pitch,noise\" now");
    run("cosine", Tiny.split(), cosine(1)).run(silent());
    TrainingRun longer = run("cosine", Tiny.split(), cosine(2));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(longer::resume)
        .withMessageEndingWith(": is of another run: recipe.epochs was 1, is 2 now");
    Files.copy(dir.resolve("run/model.safetensors"), dir.resolve("other.safetensors"));
    Files.move(
        dir.resolve("other.safetensors"),
        dir.resolve("run/last.safetensors"),
        StandardCopyOption.REPLACE_EXISTING);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(other::resume)
        .withMessageStartingWith(
            dir.resolve("run/last.safetensors") + ": is no checkpoint of a run: json: no Plan: ");
  }

  private static Recipe varied(int epochs, String augment) {
    return Tiny.recipe(
        Tiny.SEED, epochs, 100, 0.01, Recipe.ScheduleKind.CONSTANT, Augment.parse(augment));
  }

  private static Recipe cosine(int epochs) {
    return Tiny.recipe(Tiny.SEED, epochs, 100, 0.01, Recipe.ScheduleKind.COSINE, Augment.NONE);
  }

  /** All numbers of a file by name, to be compared bit by bit. */
  private Map<String, List<Float>> tensors(String file) throws IOException {
    Map<String, List<Float>> all = new TreeMap<>();
    Safetensors.read(dir.resolve(file))
        .tensors()
        .forEach((name, tensor) -> all.put(name, list(tensor)));
    return all;
  }

  private Map<String, List<Float>> scaler(String file) throws IOException {
    Map<String, List<Float>> scaler = tensors(file);
    scaler.keySet().removeIf(name -> !name.startsWith("scaler."));
    assertThat(scaler).hasSize(2);
    return scaler;
  }

  private static List<Float> list(Tensor tensor) {
    List<Float> list = new ArrayList<>();
    for (float x : tensor.toFloatArray()) {
      list.add(x);
    }
    return list;
  }
}
