package dev.cadenza.benchmarks;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.WavEncoding;
import dev.cadenza.audio.feature.FeatureExtractor;
import dev.cadenza.audio.feature.Mfcc;
import dev.cadenza.shape.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A folder of recordings to MFCCs on all processors, reading and decoding included. The first
 * warm-up is what a JVM takes that has not computed features before.
 */
@BenchmarkMode(Mode.SingleShotTime)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
public class FolderBenchmark extends CadenzaBenchmark {
  private static final int CLIPS = 960;
  private static final int RATE = 48_000;
  private static final double SECONDS = 3.7;

  /** The recordings; empty for {@value #CLIPS} of noise, 3.7 s at 48 kHz and 16 bits each. */
  @Param("")
  String folder;

  private final FeatureExtractor extractor =
      FeatureExtractor.byRate(Mfcc.librosa().nMfcc(40)::sampleRate);

  private List<Path> files = List.of();

  @Setup
  public void setUp() throws IOException {
    if (!folder.isEmpty()) {
      files = AudioFile.list(Path.of(folder));
      if (files.isEmpty()) {
        throw new IllegalArgumentException("folder: there are no recordings in " + folder);
      }
      return;
    }
    Path noise = Files.createTempDirectory("cadenza-folder");
    float[] samples = Inputs.normal(Shape.of((int) (SECONDS * RATE)), 1);
    for (int i = 0; i < samples.length; i++) {
      samples[i] *= 0.1f;
    }
    for (int i = 0; i < CLIPS; i++) {
      Path clip = noise.resolve(i + ".wav");
      AudioFile.writeWav(clip, Audio.mono(samples, RATE), WavEncoding.PCM_16);
    }
    files = AudioFile.list(noise);
  }

  @TearDown
  public void tearDown() throws IOException {
    if (folder.isEmpty()) {
      for (Path file : files) {
        Files.delete(file);
      }
      Files.delete(files.get(0).getParent());
    }
  }

  @Benchmark
  public FeatureExtractor.Batch extract() throws InterruptedException {
    FeatureExtractor.Batch batch = extractor.extract(files);
    if (!batch.failures().isEmpty()) {
      throw new IllegalStateException("folder: not all was read, " + batch.failures().get(0));
    }
    return batch;
  }
}
