package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.WavEncoding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecordingTest {

  /** Skips 0.5 s, takes 3 s. */
  private static final FrontEnd.Settings WINDOW = Preset.TWO_BRANCH.features();

  @TempDir private Path dir;

  private Recording read(Audio audio) throws IOException {
    Path file = dir.resolve("x.wav");
    AudioFile.writeWav(file, audio, WavEncoding.PCM_16);
    return Recording.read(file, WINDOW);
  }

  @Test
  void finds_nothing_wrong_with_a_sound_clip() throws IOException {
    Recording recording = read(Tiny.tone(4.25, 1));
    assertThat(recording.warnings()).isEmpty();
    assertThat(recording.seconds()).isEqualTo(4.25);
    assertThat(recording.audio().seconds()).isEqualTo(3.5);
    assertThat(read(Tiny.tone(2, 0.01)).warnings()).isEmpty();
  }

  @Test
  void warns_of_clips_that_are_too_short() throws IOException {
    assertThat(read(Tiny.tone(0.3, 0.5)).warnings())
        .containsExactly(
            "too short: 0.30 s long, and the model skips the first 0.5 s; it heard nothing");
    assertThat(read(Tiny.tone(1.25, 0.5)).warnings())
        .containsExactly("too short: of the 3.0 s that the model listens to 0.75 s are there");
  }

  @Test
  void warns_of_silence_where_the_model_listens() throws IOException {
    assertThat(read(Audio.mono(new float[4 * 48_000], 48_000)).warnings())
        .containsExactly("silence: all zeros from 0.5 to 3.50 s, where the model listens");
    assertThat(read(Tiny.tone(3, 0.0005)).warnings())
        .containsExactly("silence: peak -66 dBFS from 0.5 to 3.00 s, where the model listens");
    // Sound that nobody listens to.
    float[] early = Tiny.tone(4, 0.5).samples();
    Arrays.fill(early, 24_000, early.length, 0);
    assertThat(read(Audio.mono(early, 48_000)).warnings())
        .containsExactly("silence: all zeros from 0.5 to 3.50 s, where the model listens");
  }

  @Test
  void warns_of_clipping() throws IOException {
    float[] samples = Tiny.tone(3, 1).samples();
    for (int i = 0; i < 5; i++) {
      samples[48_000 + i] = 1;
    }
    samples[60_000] = -1;
    samples[60_001] = -1; // two are a coincidence
    assertThat(read(Audio.mono(samples, 48_000)).warnings())
        .containsExactly("clipping: 5 samples lie flat at full scale");
  }

  @Test
  void passes_on_what_the_reader_warns_of() throws IOException {
    Path file = dir.resolve("cut.wav");
    AudioFile.writeWav(file, Tiny.tone(3, 0.5), WavEncoding.PCM_16);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, 44 + 2 * 2 * 48_000));
    Recording recording = Recording.read(file, WINDOW);
    assertThat(recording.seconds()).isEqualTo(2);
    assertThat(recording.warnings())
        .isEqualTo(
            List.of(
                "the data chunk at byte 36 says 288000 bytes, the file holds 192000:"
                    + " 1.00 s of 3.00 s are missing"));
  }

  @Test
  void refuses_a_file_without_samples() throws IOException {
    Path file = dir.resolve("x.wav");
    AudioFile.writeWav(file, Audio.mono(new float[0], 48_000), WavEncoding.PCM_16);
    assertThatIOException()
        .isThrownBy(() -> Recording.read(file, WINDOW))
        .withMessage(file + ": there are no samples in it");
  }
}
