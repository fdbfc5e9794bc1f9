package dev.cadenza.audio.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.WavEncoding;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureExtractorTest {
  private static final Mfcc MFCC = Mfcc.librosa().sampleRate(8000).nFft(256).hopLength(100);

  @TempDir private Path folder;
  private final List<Path> files = new ArrayList<>();

  private Path write(String name, Audio audio) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    AudioFile.writeWav(file, audio, WavEncoding.FLOAT_32);
    return file;
  }

  private static Audio noise(int n, int rate) {
    return Audio.mono(Signals.noise(n, n), rate);
  }

  @BeforeEach
  void twentyClipsAmongWhichThreeAreBad() throws IOException {
    for (int i = 0; i < 20; i++) {
      files.add(write(i + ".wav", noise(1000 + 77 * i, 8000)));
    }
    Files.writeString(files.get(4), "no sound", StandardCharsets.US_ASCII);
    write("9.wav", noise(0, 8000));
    files.set(13, folder.resolve("missing.wav"));
  }

  @Test
  void goodFilesAreDoneAndBadOnesListedInOrder() throws InterruptedException {
    for (int threads : new int[] {1, 2, 7, 50}) {
      FeatureExtractor.Batch batch = FeatureExtractor.of(MFCC).threads(threads).extract(files);
      List<Path> good = new ArrayList<>(files);
      good.removeAll(List.of(files.get(4), files.get(9), files.get(13)));
      assertThat(batch.features().keySet()).containsExactlyElementsOf(good);
      batch.features().forEach(FeatureExtractorTest::assertIsThatOfTheFileAlone);
      assertThat(batch.failures())
          .extracting(FeatureExtractor.Failure::file)
          .containsExactly(files.get(4), files.get(9), files.get(13));
      assertThat(batch.failures().get(0).cause())
          .hasMessage(
              files.get(4)
                  + ": starts with \"no s\", expected WAV, W64, FLAC, AIFF or AU (at byte 0)");
      assertThat(batch.failures().get(1).cause())
          .hasMessage("stft: the signal is empty, at least one sample is needed");
      assertThat(batch.failures().get(2).cause()).isInstanceOf(NoSuchFileException.class);
    }
  }

  private static void assertIsThatOfTheFileAlone(Path file, Features features) {
    try {
      float[] signal = AudioFile.read(file).samples();
      assertThat(features.values()).containsExactly(MFCC.apply(signal).values());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Features of(FeatureExtractor.Batch batch, Path file) {
    return Objects.requireNonNull(batch.features().get(file), file.toString());
  }

  @Test
  void soundIsMixedToMonoAndResampledToTheRateOfTheFeatures() throws Exception {
    Audio stereo =
        new Audio(new float[][] {Signals.noise(6000, 1), Signals.noise(6000, 2)}, 12_000);
    Path file = write("stereo.wav", stereo);
    FeatureExtractor.Batch batch = FeatureExtractor.of(MFCC).extract(List.of(file));
    assertThat(of(batch, file).values())
        .containsExactly(MFCC.apply(stereo.mono().resample(8000).samples()).values());
  }

  @Test
  void everyFileMayKeepItsRate() throws Exception {
    Map<Path, Audio> clips =
        Map.of(
            write("8.wav", noise(4000, 8000)), noise(4000, 8000),
            write("11.wav", noise(4000, 11_025)), noise(4000, 11_025),
            write("16.wav", noise(4000, 16_000)), noise(4000, 16_000));
    Set<Integer> asked = ConcurrentHashMap.newKeySet();
    FeatureExtractor extractor =
        FeatureExtractor.byRate(
            rate -> {
              assertThat(asked.add(rate)).as("asked once for %d", rate).isTrue();
              return Mfcc.kaldi(rate);
            });
    FeatureExtractor.Batch batch = extractor.extract(List.copyOf(clips.keySet()));
    assertThat(asked).containsExactlyInAnyOrder(8000, 11_025, 16_000);
    clips.forEach(
        (file, audio) ->
            assertThat(of(batch, file).values())
                .containsExactly(Mfcc.kaldi(audio.sampleRate()).apply(audio.samples()).values()));
  }

  @Test
  void whatTheSinkThrowsIsTheFailureOfThatFile() throws InterruptedException {
    Path unlucky = files.get(2);
    List<FeatureExtractor.Failure> failures =
        FeatureExtractor.of(MFCC)
            .each(
                files.subList(0, 4),
                result -> {
                  if (result.file().equals(unlucky)) {
                    throw new IOException("disk full");
                  }
                });
    assertThat(failures).extracting(FeatureExtractor.Failure::file).containsExactly(unlucky);
    assertThat(failures.get(0).cause()).hasMessage("disk full");
  }

  @Test
  void progressCountsEveryFileOnce() throws InterruptedException {
    List<Integer> heard = new ArrayList<>(); // calls come one at a time
    FeatureExtractor.of(MFCC)
        .threads(5)
        .progress(
            (done, of) -> {
              assertThat(of).isEqualTo(20);
              heard.add(done);
            })
        .extract(files);
    assertThat(heard).containsExactlyElementsOf(IntStream.rangeClosed(1, 20).boxed().toList());
  }

  @Test
  void anErrorIsNoFilesFault() {
    assertThatThrownBy(
            () ->
                FeatureExtractor.of(MFCC)
                    .each(
                        files,
                        result -> {
                          throw new AssertionError("broken");
                        }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("broken");
    assertThatThrownBy(
            () ->
                FeatureExtractor.of(MFCC)
                    .progress(
                        (done, of) -> {
                          throw new IllegalStateException("no screen");
                        })
                    .extract(files))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("no screen");
  }

  @Test
  void anInterruptStopsTheBatch() {
    Thread caller = Thread.currentThread();
    List<Integer> heard = new ArrayList<>();
    FeatureExtractor extractor =
        FeatureExtractor.of(MFCC)
            .threads(1)
            .progress(
                (done, of) -> {
                  heard.add(done);
                  caller.interrupt();
                  waitForInterrupt();
                });
    assertThatThrownBy(() -> extractor.extract(files)).isInstanceOf(InterruptedException.class);
    assertThat(heard).containsExactly(1);
  }

  /** Until the worker is told to stop. */
  private static void waitForInterrupt() {
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }

  @Test
  void noFilesAreNoTrouble() throws InterruptedException {
    FeatureExtractor.Batch batch = FeatureExtractor.of(MFCC).extract(List.of());
    assertThat(batch.features()).isEmpty();
    assertThat(batch.failures()).isEmpty();
    assertThatThrownBy(() -> FeatureExtractor.of(MFCC).threads(0))
        .hasMessage("extractor: threads=0 must be at least 1");
  }

  @Test
  void audioFilesOfAFolderAreFoundByName() throws IOException {
    Path sub = write("sub/b.WAV", noise(10, 8000));
    Path flac = Files.createFile(folder.resolve("a.flac"));
    Files.createFile(folder.resolve("notes.txt"));
    Files.createFile(folder.resolve("._a.wav"));
    assertThat(AudioFile.list(folder))
        .hasSize(22) // with missing.wav, whose name was not changed on the disk
        .contains(sub, flac)
        .isSorted();
    assertThatThrownBy(() -> AudioFile.list(folder.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
