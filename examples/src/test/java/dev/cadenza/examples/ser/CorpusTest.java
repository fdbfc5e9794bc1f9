package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.examples.ser.RavdessName.Channel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {

  private static final String A = "03-01-01-01-01-01-01.wav";
  private static final String B = "03-01-02-01-01-01-02.wav";
  private static final String C = "03-01-03-01-01-01-03.wav";

  @TempDir private Path dir;
  private final Map<String, byte[]> three = new LinkedHashMap<>();

  @BeforeEach
  void threeClips() {
    three.put("Actor_03/" + C, bytes("third"));
    three.put("Actor_01/" + A, bytes("first"));
    three.put("Actor_02/" + B, bytes("second"));
  }

  @Test
  void finds_clips_below_a_folder_in_the_order_of_their_names() throws IOException {
    write(dir, three);
    write(dir, Map.of("notes.txt", bytes("x"), "Actor_01/._" + A, bytes("x")));
    try (Corpus corpus = Corpus.open(dir)) {
      assertThat(names(corpus)).containsExactly(A, B, C);
      assertThat(corpus.actors()).containsExactly(1, 2, 3);
      assertThat(corpus.clips().get(1).source().read()).isEqualTo(bytes("second"));
      assertThat(corpus.clips().get(1).location()).isEqualTo(dir + "/Actor_02/" + B);
      assertThat(corpus.discovery()).isEqualTo(new Corpus.Discovery(3, 0, 0, 0, List.of()));
      assertThat(corpus.summary()).isEqualTo("3 clips of 3 actors");
    }
  }

  @Test
  void archive_and_folder_and_memory_are_the_same_data() throws IOException {
    Path zip = Files.write(dir.resolve("speech.zip"), zip(three));
    Path folder = dir.resolve("folder");
    write(folder, three);
    Map<String, byte[]> flat = Map.of(A, bytes("first"), B, bytes("second"), C, bytes("third"));
    try (Corpus packed = Corpus.open(zip);
        Corpus unpacked = Corpus.open(folder);
        Corpus memory = Corpus.inMemory(flat)) {
      assertThat(names(packed)).containsExactly(A, B, C);
      assertThat(packed.clips().get(2).location()).isEqualTo(zip + "/Actor_03/" + C);
      assertThat(packed.clips().get(2).source().read()).isEqualTo(bytes("third"));
      assertThat(packed.fingerprint())
          .isEqualTo(unpacked.fingerprint())
          .isEqualTo(memory.fingerprint())
          // printf '%s %s\n' NAME "$(printf CONTENT | sha256sum)" a clip, | sha256sum of all
          .isEqualTo("d66c3a7a248c5585ac36f22b86704a5d81cbe69849ac71174e593d40b13645c8");
    }
  }

  @Test
  void fingerprint_changes_with_any_content() throws IOException {
    try (Corpus one = Corpus.inMemory(Map.of(A, bytes("first")));
        Corpus other = Corpus.inMemory(Map.of(A, bytes("First")))) {
      assertThat(one.fingerprint()).isNotEqualTo(other.fingerprint());
    }
  }

  @Test
  void drops_the_second_folder_of_an_archive_that_holds_every_file_twice() throws IOException {
    Map<String, byte[]> twice = new LinkedHashMap<>(three);
    three.forEach((name, content) -> twice.put("audio_speech_actors_01-24/" + name, content));
    Path zip = Files.write(dir.resolve("kaggle.zip"), zip(twice));
    try (Corpus corpus = Corpus.open(zip)) {
      assertThat(corpus.summary())
          .isEqualTo("3 clips of 3 actors; 3 dropped as duplicates by name");
    }
  }

  @Test
  void reads_an_archive_within_a_folder_and_an_archive_within_that() throws IOException {
    byte[] inner = zip(Map.of("Actor_03/" + C, bytes("third")));
    write(
        dir,
        Map.of(
            A, bytes("first"), "outer.zip", zip(Map.of(B, bytes("second"), "inner.zip", inner))));
    try (Corpus corpus = Corpus.open(dir)) {
      assertThat(names(corpus)).containsExactly(A, B, C);
      assertThat(corpus.clips().get(2).location())
          .isEqualTo(dir + "/outer.zip/inner.zip/Actor_03/" + C);
      assertThat(corpus.clips().get(2).source().read()).isEqualTo(bytes("third"));
    }
  }

  @Test
  void drops_a_clip_with_the_content_of_another_whatever_its_name() throws IOException {
    three.put("Actor_07/03-01-03-01-02-01-07.wav", bytes("same"));
    three.put("Actor_07/03-01-03-01-02-02-07.wav", bytes("same"));
    write(dir, three);
    try (Corpus corpus = Corpus.open(dir)) {
      assertThat(names(corpus)).containsExactly(A, B, C, "03-01-03-01-02-01-07.wav");
      assertThat(corpus.summary())
          .isEqualTo("4 clips of 4 actors; 1 dropped as duplicates by content");
    }
  }

  @Test
  void takes_one_of_a_wav_and_a_flac_of_the_same_clip() throws IOException {
    try (Corpus corpus =
        Corpus.inMemory(Map.of(A, bytes("wav"), A.replace("wav", "flac"), bytes("flac")))) {
      assertThat(corpus.clips()).hasSize(1);
      assertThat(corpus.discovery().duplicateNames()).isEqualTo(1);
    }
  }

  @Test
  void leaves_song_out_unless_asked_for() throws IOException {
    three.put("Actor_01/03-02-01-01-01-01-01.wav", bytes("song"));
    write(dir, three);
    try (Corpus speech = Corpus.open(dir);
        Corpus all = Corpus.open(dir, EnumSet.allOf(Channel.class))) {
      assertThat(speech.summary()).isEqualTo("3 clips of 3 actors; 1 left out as song");
      assertThat(all.clips()).hasSize(4);
    }
  }

  @Test
  void lists_what_cannot_be_used() throws IOException {
    three.put("music.wav", bytes("x"));
    three.put("Actor_01/03-01-04-01-01-01-01.wav", new byte[0]);
    three.put("Actor_01/01-01-01-01-01-01-01.wav", bytes("from a video"));
    three.put("broken.zip", bytes("no zip"));
    write(dir, three);
    try (Corpus corpus = Corpus.open(dir)) {
      assertThat(corpus.summary()).isEqualTo("3 clips of 3 actors; 4 skipped as unusable");
      assertThat(corpus.discovery().skipped())
          .containsExactly(
              dir
                  + "/Actor_01/01-01-01-01-01-01-01.wav holds the sound of a video, the same take"
                  + " as audio-only",
              dir + "/Actor_01/03-01-04-01-01-01-01.wav is empty",
              dir + "/broken.zip is not a readable zip file",
              dir
                  + "/music.wav is no clip: 'music.wav' is not named like MM-VV-EE-II-SS-RR-AA.wav");
    }
  }

  @Test
  void a_damaged_entry_of_an_archive_costs_only_that_clip() throws IOException {
    byte[] zip = zip(three);
    // The first entry's compressed bytes follow its 30-byte header and its name.
    int start = 30 + ("Actor_03/" + C).length();
    zip[start] ^= (byte) 0xff;
    Path file = Files.write(dir.resolve("damaged.zip"), zip);
    try (Corpus corpus = Corpus.open(file)) {
      assertThat(names(corpus)).containsExactly(A, B);
      assertThat(corpus.discovery().skipped())
          .singleElement()
          .asString()
          .startsWith(file + "/Actor_03/" + C + " cannot be read: ");
    }
  }

  @Test
  void says_what_is_wrong_with_a_path_without_clips() throws IOException {
    Path missing = dir.resolve("missing");
    assertThatThrownBy(() -> Corpus.open(missing))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "data: "
                + missing
                + " does not exist, expected the folder of the clips or the downloaded zip file");
    assertThatThrownBy(() -> Corpus.open(dir))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "data: no clip in "
                + dir
                + " (no .wav or .flac file), expected files named like 03-01-06-01-02-01-12.wav");
    Path text = Files.write(dir.resolve("a.txt"), bytes("text"));
    assertThatThrownBy(() -> Corpus.open(text))
        .isInstanceOf(IOException.class)
        .hasMessage("data: " + text + " is neither a folder nor a zip file");
    Path foreign = Files.write(dir.resolve("foreign.zip"), zip(Map.of("a.wav", bytes("x"))));
    assertThatThrownBy(() -> Corpus.open(foreign))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "data: no clip in "
                + foreign
                + " (1 audio files, none usable, first skipped: "
                + foreign
                + "/a.wav is no clip: 'a.wav' is not named like MM-VV-EE-II-SS-RR-AA.wav), expected"
                + " files named like 03-01-06-01-02-01-12.wav");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> names(Corpus corpus) {
    return corpus.clips().stream().map(clip -> clip.name().stem() + ".wav").toList();
  }

  private static void write(Path folder, Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Path path = folder.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
  }

  private static byte[] zip(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        zip.putNextEntry(new ZipEntry(file.getKey()));
        zip.write(file.getValue());
      }
    }
    return bytes.toByteArray();
  }
}
