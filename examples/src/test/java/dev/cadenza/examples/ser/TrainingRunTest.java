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
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingRunTest {

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

  @Test
  void a_resumed_run_ends_in_the_same_bits() throws IOException {
    TrainingRun whole = run("whole", Tiny.split(), Tiny.recipe(4));
    whole.run(silent());
    run("resumed", Tiny.split(), Tiny.recipe(2)).run(silent());
    TrainingRun resumed = run("resumed", Tiny.split(), Tiny.recipe(4));
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
    run("one", Tiny.split(), noisy(2)).run(silent());
    Threads.use(2);
    run("two", Tiny.split(), noisy(2)).run(silent());
    run("again", Tiny.split(), noisy(2)).run(silent());
    assertThat(bytes("two/last.safetensors")).isEqualTo(bytes("one/last.safetensors"));
    assertThat(bytes("again/last.safetensors")).isEqualTo(bytes("one/last.safetensors"));
    assertThat(bytes("two/model.safetensors")).isEqualTo(bytes("one/model.safetensors"));
  }

  @Test
  void another_seed_gives_another_network() throws IOException {
    run("a", Tiny.split(), Tiny.recipe(1)).run(silent());
    Recipe other =
        Tiny.recipe(Tiny.SEED + 1, 1, 100, 0.01, Recipe.ScheduleKind.CONSTANT, Recipe.Augment.NONE);
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
    run("clean", split, noisy(2)).run(silent());
    run("poisoned", poisoned, noisy(2)).run(silent());
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
    run("clean", split, noisy(2)).run(silent());
    run("poisoned", poisoned, noisy(2)).run(silent());
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
  void noise_triples_the_training_part_alone() throws IOException {
    Split split = Tiny.split();
    assertThat(run("a", split, Tiny.recipe(1)).examples()).isEqualTo(split.train().size());
    assertThat(run("b", split, noisy(1)).examples()).isEqualTo(3 * split.train().size());
    FeatureStore store = new FeatureStore(new FrontEnd(Tiny.FEATURES));
    List<Clip> one = split.train().subList(0, 1);
    assertThat(store.augmented(one, 1).names())
        .containsExactly(stem(one), stem(one) + " (noisy copy 1)", stem(one) + " (noisy copy 2)");
  }

  private static String stem(List<Clip> clips) {
    return clips.get(0).name().stem();
  }

  @Test
  void stops_when_patience_is_at_its_end() throws IOException {
    Recipe still = Tiny.recipe(1, 50, 3, 0, Recipe.ScheduleKind.CONSTANT, Recipe.Augment.NONE);
    TrainingRun run = run("still", Tiny.split(), still);
    EmotionModel best = run.run(silent());
    // Batch norm keeps learning its statistics, but no weight changes: the score soon stands still.
    assertThat(run.history()).hasSizeLessThan(50);
    assertThat(run.history().size() - best.origin().validation().epoch()).isEqualTo(3);
  }

  @Test
  void does_not_go_on_with_another_run() throws IOException {
    run("run", Tiny.split(), Tiny.recipe(1)).run(silent());
    TrainingRun other = run("run", Tiny.split(), noisy(1));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(other::resume)
        .withMessage(
            dir.resolve("run/last.safetensors")
                + ": is of another run: recipe.augment was \"NONE\", is \"NOISE\" now");
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

  private static Recipe noisy(int epochs) {
    return Tiny.recipe(
        Tiny.SEED, epochs, 100, 0.01, Recipe.ScheduleKind.CONSTANT, Recipe.Augment.NOISE);
  }

  private static Recipe cosine(int epochs) {
    return Tiny.recipe(
        Tiny.SEED, epochs, 100, 0.01, Recipe.ScheduleKind.COSINE, Recipe.Augment.NONE);
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
