package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.IntUnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files by the encoders of others, made by {@code tools/golden/audio_io_files.py}. */
class GoldenFilesTest {

  static Path file(String name) {
    try {
      return Path.of(GoldenFilesTest.class.getResource("/golden/audio-io/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** The signal that the script encodes. */
  private static Audio signal(int frames, int channels, int bits, int rate, IntUnaryOperator keep) {
    float[][] x = new float[channels][frames];
    long state = 1;
    for (int n = 0; n < frames; n++) {
      for (int c = 0; c < channels; c++) {
        state = (state * 1103515245 + 12345) % (1L << 31);
        int period = 97 + 10 * c;
        long triangle = 2L * Math.abs(2 * (n % period) - period) - period;
        long half = 1L << (bits - 2);
        long sample = Math.floorDiv(triangle * half, period) + (state >> 16) % (half / 16 + 1);
        x[c][n] = keep.applyAsInt((int) sample) * (float) Math.scalb(1.0, 1 - bits);
      }
    }
    return new Audio(x, rate);
  }

  @ParameterizedTest
  @CsvSource({
    "mono-8.flac, 1000, 1, 8, 8000",
    "stereo-16.flac, 3000, 2, 16, 44100",
    "stereo-24.flac, 700, 2, 24, 96000",
    "stereo-32.flac, 500, 2, 32, 192000",
    "six-16.flac, 300, 6, 16, 48000"
  })
  void decodesFlacSampleBySample(String name, int frames, int channels, int bits, int rate)
      throws IOException {
    Decoded decoded = AudioFile.decode(file(name));

    assertThat(decoded.audio()).isEqualTo(signal(frames, channels, bits, rate, x -> x));
    assertThat(decoded.warnings()).isEmpty();
    assertThat(AudioFile.info(file(name)))
        .isEqualTo(new AudioInfo("FLAC", bits + "-bit PCM", rate, channels, frames));
  }

  @Test
  void decodesWastedBitsAndConstants() throws IOException {
    assertThat(AudioFile.read(file("wasted-16.flac")))
        .isEqualTo(signal(500, 1, 16, 16000, x -> Math.floorDiv(x, 16) * 16));
    assertThat(AudioFile.read(file("silence-16.flac")))
        .isEqualTo(signal(5000, 2, 16, 37800, x -> 0));
  }

  /** The file has six points in its seek table, and blocks of 256 frames. */
  @ParameterizedTest
  @CsvSource({"0, 10", "255, 2", "499, 700", "1700, 1300", "2999, 1", "3000, 0"})
  void seeksInFlac(int offset, int frames) throws IOException {
    Audio whole = AudioFile.read(file("stereo-16.flac"));
    double rate = whole.sampleRate();

    // A tenth of a sample more, as 499 / 44100 * 44100 may fall below 499.
    Audio part =
        AudioFile.read(file("stereo-16.flac"), (offset + 0.1) / rate, (frames + 0.1) / rate);

    assertThat(part).isEqualTo(whole.slice((offset + 0.1) / rate, (frames + 0.1) / rate));
    assertThat(part.frames()).isEqualTo(frames);
  }

  /** Vorbis is lossy: what is asserted is that the provider's samples arrive, in time and scale. */
  @Test
  void readsOggByAProvider() throws IOException {
    Audio ogg = AudioFile.read(file("mono.ogg"));
    float[] original = signal(4000, 1, 16, 22050, x -> x).samples();

    assertThat(ogg.sampleRate()).isEqualTo(22050);
    assertThat(ogg.frames()).isBetween(4000, 4096);
    double error = 0;
    double power = 0;
    for (int n = 0; n < original.length; n++) {
      error += Math.pow(ogg.samples()[n] - original[n], 2);
      power += Math.pow(original[n], 2);
    }
    assertThat(10 * Math.log10(power / error)).isGreaterThan(15);
  }

  @Test
  void allFilesAreTested() throws IOException {
    try (Stream<Path> files = Files.list(file("mono-8.flac").resolveSibling("."))) {
      assertThat(files.count()).isEqualTo(8);
    }
  }
}
