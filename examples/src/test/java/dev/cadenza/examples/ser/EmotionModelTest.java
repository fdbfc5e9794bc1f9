package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.Audio;
import dev.cadenza.io.CheckpointException;
import dev.cadenza.io.Safetensors;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmotionModelTest {

  @TempDir private Path dir;
  private Path file;

  @BeforeEach
  void file() {
    file = dir.resolve("model.safetensors");
  }

  @Test
  void one_file_holds_all_that_prediction_needs() throws IOException {
    EmotionModel model = Tiny.model();
    model.save(file);
    EmotionModel loaded = EmotionModel.load(file);
    Audio tone = Tiny.tone(3, 0.5);
    assertThat(loaded.predict(tone)).isEqualTo(model.predict(tone)).hasSize(8);
    assertThat(loaded.labels()).isEqualTo(Emotion.texts());
    assertThat(loaded.origin()).isEqualTo(model.origin());
    assertThat(loaded.frontEnd().settings()).isEqualTo(Tiny.FEATURES);
    assertThat(Safetensors.read(file).metadata().keySet())
        .containsExactlyInAnyOrder(
            "cadenza.architecture",
            "cadenza.features",
            "cadenza.features_in_full",
            "cadenza.labels",
            "cadenza.origin");
  }

  @Test
  void probabilities_sum_to_one_and_depend_on_the_sound() throws IOException {
    EmotionModel model = Tiny.model();
    float[] a = model.predict(Tiny.tone(3, 0.5));
    float[] b = model.predict(Tiny.tone(3, 0.01));
    double sum = 0;
    for (float p : a) {
      sum += p;
    }
    // Eight roundings of float32 below 1.
    assertThat(sum).isCloseTo(1, within(8 * Math.ulp(1f) / 2.0));
    assertThat(a).isNotEqualTo(b);
  }

  @Test
  void any_rate_and_number_of_channels_will_do() {
    EmotionModel model = Tiny.model();
    Audio tone = Tiny.tone(3, 0.5);
    float[] expected = model.predict(tone);
    float[] samples = tone.samples();
    assertThat(model.predict(new Audio(new float[][] {samples, samples}, 48_000)))
        .isEqualTo(expected);
    float[] resampled = model.predict(tone.resample(44_100));
    // A sine far below both Nyquist frequencies; noise at -120 dB is far below the floor of -80 dB.
    IntStream.range(0, 8)
        .forEach(k -> assertThat(resampled[k]).isCloseTo(expected[k], within(0.01f)));
  }

  @Test
  void many_threads_may_use_one_model() throws InterruptedException, ExecutionException {
    EmotionModel model = Tiny.model();
    List<Audio> clips = IntStream.range(1, 9).mapToObj(i -> Tiny.tone(3, i / 10.0)).toList();
    List<float[]> alone = clips.stream().map(model::predict).toList();
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      List<Future<float[]>> together =
          IntStream.range(0, 64)
              .mapToObj(i -> pool.submit(() -> model.predict(clips.get(i % 8))))
              .toList();
      for (int i = 0; i < 64; i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % 8));
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void refuses_audio_without_samples() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tiny.model().predict(Audio.mono(new float[0], 48_000)))
        .withMessage("the audio has no samples");
  }

  @Test
  void says_what_is_wrong_with_a_file() throws IOException {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(file + ": there is no such file");

    Safetensors.write(file, Map.of(), Map.of());
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(
            file + ": is no emotion model, expected 'cadenza.architecture' in its metadata");

    Files.delete(file);
    Tiny.model().save(file);
    rewrite("cadenza.features_in_full", "something else");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(
            file + ": was trained on features that this version does not compute: something else");

    rewrite("cadenza.features_in_full", new FrontEnd(Tiny.FEATURES).toString());
    rewrite("cadenza.architecture", Json.text(Tiny.NETWORK.classes(7)));
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(
            file
                + ": does not fit the network: other shapes fc1_linear.weight [8, 184] instead of"
                + " [7, 184], fc1_linear.bias [8] instead of [7]");

    String before =
        file
            + ": is no emotion model that can be used (written by 1.2.3, this is "
            + SerMain.Version.text()
            + "): ";
    rewrite("cadenza.architecture", "{");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessageStartingWith(before + "json: no Settings: ");

    rewrite("cadenza.architecture", Json.text(Tiny.NETWORK));
    rewrite("cadenza.labels", "[\"happy\", \"sad\"]");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(before + "2 labels for 8 classes");
  }

  @Test
  void says_which_version_wrote_what_this_one_does_not_know() throws IOException {
    Tiny.model().save(file);
    String network = Json.text(Tiny.NETWORK).replaceFirst("\\{", "{\"shape\": \"round\", ");
    rewrite("cadenza.architecture", network);
    rewrite("cadenza.origin", "{\"version\": \"9.0.0\", \"new\": true}");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> EmotionModel.load(file))
        .withMessage(
            file
                + ": is no emotion model that can be used (written by 9.0.0, this is "
                + SerMain.Version.text()
                + "): json: unknown field 'shape' of Settings");
  }

  @Test
  void a_damaged_model_gives_no_probabilities() throws IOException {
    Tiny.model().save(file);
    Safetensors.File saved = Safetensors.read(file);
    Tensor weight = saved.tensor("network.fc1_linear.weight");
    weight.array().assign(Tensor.zeros(weight.shape().dims()).add(Double.NaN).array());
    Safetensors.write(file, saved.tensors(), saved.metadata());
    EmotionModel damaged = EmotionModel.load(file);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> damaged.predict(Tiny.tone(3, 0.5)))
        .withMessage("the model's numbers go beyond bounds on this sound, or the model is damaged");
  }

  private void rewrite(String key, String value) throws IOException {
    Safetensors.File old = Safetensors.read(file);
    Map<String, String> metadata = new LinkedHashMap<>(old.metadata());
    metadata.put(key, value);
    Safetensors.write(file, old.tensors(), metadata);
  }
}
