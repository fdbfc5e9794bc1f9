package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks against files that are not in the repository, run by name and never by the suite:
 *
 * <pre>
 * mvn -pl audio -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=ConformanceCheck#METHOD
 *   wav          -Dcadenza.wav=DIR    the 16 files of hound's testsamples
 *   flac         -Dcadenza.flac=DIR   19 files of the IETF cellar FLAC test files
 *   pairs        -Dcadenza.flac=DIR -Dcadenza.wav=DIR   each NAME.flac below the one folder equals
 *                NAME.wav, made by {@code flac -d}, below the other
 *   tenHours     -Dtest.jvmArgs=-Xmx64m
 * </pre>
 */
class ConformanceCheck {

  private static final Pattern WAV_NAME =
      Pattern.compile("(\\d+bit|ieeefloat)(-4byte)?-(\\d+)(k?)Hz-(mono|stereo)");

  private static List<Path> files(String property, String extension) throws IOException {
    String folder = System.getProperty(property);
    assertThat(folder).as("-D%s=DIR", property).isNotNull();
    try (Stream<Path> files = Files.walk(Path.of(folder))) {
      return files.filter(file -> file.toString().endsWith(extension)).sorted().toList();
    }
  }

  @Test
  void wav() throws IOException {
    List<Path> files = files("cadenza.wav", ".wav");
    assertThat(files).hasSize(16);
    for (Path file : files) {
      Decoded decoded = AudioFile.decode(file);
      AudioInfo info = AudioFile.info(file);

      assertThat(decoded.warnings()).as("%s", file).isEmpty();
      assertThat(decoded.audio().frames())
          .as("%s", file)
          .isPositive()
          .isEqualTo((int) info.frames());
      Matcher name = WAV_NAME.matcher(file.toString());
      if (name.find()) {
        int rate = Integer.parseInt(name.group(3)) * (name.group(4).isEmpty() ? 1 : 1000);
        String bits = name.group(1).equals("ieeefloat") ? "32-bit float" : name.group(1);
        assertThat(info.sampleRate()).as("%s", file).isEqualTo(rate);
        assertThat(info.channels()).isEqualTo(name.group(5).equals("mono") ? 1 : 2);
        assertThat(info.encoding().replace("-bit", "bit")).startsWith(bits.replace("-bit", "bit"));
      }
      if (file.toString().contains("4byte")) {
        assertThat(decoded.audio().channels())
            .isDeepEqualTo(
                new float[][] {
                  {-96 * 0x1p-23f, 8388607 * 0x1p-23f}, {23052 * 0x1p-23f, -8360672 * 0x1p-23f}
                });
      }
    }
  }

  /** The MD5 in each file is verified by reading it to its end. */
  @Test
  void flac() throws IOException {
    List<Path> files = files("cadenza.flac", ".flac");
    assertThat(files).hasSize(19);
    for (Path file : files) {
      Decoded decoded = AudioFile.decode(file);
      assertThat(decoded.warnings()).as("%s", file).isEmpty();
      assertThat((long) decoded.audio().frames()).isEqualTo(AudioFile.info(file).frames());
    }
  }

  @Test
  void pairs() throws IOException {
    List<Path> flac = files("cadenza.flac", ".flac");
    List<Path> wav = files("cadenza.wav", ".wav");
    assertThat(flac).isNotEmpty().hasSameSizeAs(wav);
    for (int i = 0; i < flac.size(); i++) {
      String name = flac.get(i).getFileName().toString().replace(".flac", ".wav");
      assertThat(wav.get(i).getFileName()).hasToString(name);
      assertThat(AudioFile.read(flac.get(i))).isEqualTo(AudioFile.read(wav.get(i)));
    }
  }

  @Test
  void tenHours(@TempDir Path folder) throws IOException {
    assertThat(Runtime.getRuntime().maxMemory()).as("heap, -Xmx64m").isLessThanOrEqualTo(64 << 20);
    Path file = folder.resolve("hours.wav");
    long frames = 10L * 3600 * 44100;
    StreamingTest.writeSparse(file, frames);
    long read = 0;
    try (AudioReader reader = AudioFile.open(file)) {
      float[][] block = new float[2][65536];
      for (int n = reader.read(block, 65536); n > 0; n = reader.read(block, 65536)) {
        read += n;
      }
    }
    assertThat(read).isEqualTo(frames);
  }
}
