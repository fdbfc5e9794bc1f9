package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Thousands of damaged files: each is read or refused by an {@link AudioFormatException}, soon and
 * without taking memory for sizes that it only claims.
 */
class MalformedFilesTest {

  private static final int CHANGES = 250;
  private static final int[] WORDS = {0, 1, -1, -2, Integer.MAX_VALUE, Integer.MIN_VALUE, 0x7fff};

  /** A header may be believed for 4 MB of samples, which are copied when there are fewer. */
  private static final long MEMORY_FOR_ONE_FILE = 12 << 20;

  @TempDir private Path folder;
  private int files;
  private int refused;

  private Map<String, byte[]> originals() throws IOException {
    short[] samples = new short[500];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) (i * i * 31);
    }
    ByteBuffer raw = ByteBuffer.allocate(1000);
    raw.asShortBuffer().put(samples);
    byte[] bytes = raw.array();

    Map<String, byte[]> originals = new LinkedHashMap<>();
    originals.put("plain", WavBytes.riff("RIFF", 1036).fmt(1, 2, 44100, 16).data(samples).build());
    originals.put(
        "odd chunks",
        WavBytes.riff()
            .chunk("LIST", new byte[7])
            .fmt(3, 1, 8000, 32)
            .chunk("FLLR", new byte[13])
            .chunk("data", Arrays.copyOf(bytes, 200))
            .chunk("_PMX", new byte[33])
            .build());
    originals.put(
        "extensible",
        WavBytes.riff().extensible(1, 3, 96000, 12, 32, 24).chunk("data", bytes).build());
    originals.put("mu-law", WavBytes.riff("RIFX", -1).fmt(7, 1, 8000, 8).data(samples).build());
    originals.put(
        "rf64",
        WavBytes.riff("RF64", -1)
            .letters("ds64")
            .u32(28)
            .u64(1060)
            .u64(1000)
            .u64(500)
            .u32(0)
            .fmt(1, 1, 16000, 16)
            .letters("data")
            .u32(-1)
            .bytes(bytes)
            .build());
    originals.put("w64", WavReadTest.wave64());
    for (String name : new String[] {"mono-8", "stereo-16", "stereo-24", "silence-16"}) {
      originals.put(name, Files.readAllBytes(GoldenFilesTest.file(name + ".flac")));
    }
    originals.put(
        "aiff", SoundReadTest.file(AudioFileFormat.Type.AIFF, Encoding.PCM_SIGNED, 16, 2, bytes));
    originals.put(
        "au", SoundReadTest.file(AudioFileFormat.Type.AU, Encoding.PCM_SIGNED, 24, 1, bytes));
    return originals;
  }

  @Test
  void everyDamagedFileIsReadOrRefused() throws IOException {
    for (Map.Entry<String, byte[]> original : originals().entrySet()) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(30), () -> damage(original.getKey(), original.getValue()));
    }

    // 12 files, each as it is, changed, and cut 130 times (one is only 120 bytes long).
    assertThat(files).isEqualTo(12 * (1 + CHANGES) + 11 * 130 + 120);
    // Some changes do no harm, and some files are read as far as they go: neither side is empty.
    assertThat(refused).isBetween(files / 4, 3 * files / 4);
  }

  private void damage(String name, byte[] whole) throws IOException {
    // The platform's providers only: what others do with damaged files is their affair.
    Thread.currentThread().setContextClassLoader(ClassLoader.getPlatformClassLoader());
    SplittableRandom random = new SplittableRandom(2026);
    int refusedBefore = refused;
    check(name, whole);
    assertThat(refused).as(name).isEqualTo(refusedBefore);
    for (int length = 0; length < Math.min(130, whole.length); length++) {
      check(name + " cut to " + length, Arrays.copyOf(whole, length));
    }
    for (int i = 0; i < CHANGES; i++) {
      check(name + ", change " + i, changed(whole, random));
    }
  }

  /** One of four kinds of damage behind the first four letters, mostly near the start. */
  private static byte[] changed(byte[] whole, SplittableRandom random) {
    byte[] file = whole.clone();
    int reach = random.nextInt(4) == 0 ? whole.length : Math.min(whole.length, 100);
    switch (random.nextInt(4)) {
      case 0 -> {
        for (int i = random.nextInt(1, 5); i > 0; i--) {
          file[random.nextInt(4, reach)] = (byte) random.nextInt();
        }
      }
      case 1 -> {
        int at = random.nextInt(4, reach - 3);
        ByteBuffer.wrap(file).putInt(at, WORDS[random.nextInt(WORDS.length)]);
      }
      case 2 -> {
        int from = random.nextInt(4, reach);
        int end = Math.min(whole.length, from + random.nextInt(1, 9));
        file = new byte[whole.length - (end - from)];
        System.arraycopy(whole, 0, file, 0, from);
        System.arraycopy(whole, end, file, from, whole.length - end);
      }
      default -> {
        int at = random.nextInt(4, reach);
        int count = random.nextInt(1, 9);
        file = new byte[whole.length + count];
        System.arraycopy(whole, 0, file, 0, at);
        System.arraycopy(whole, at, file, at + count, whole.length - at);
      }
    }
    return file;
  }

  private void check(String name, byte[] file) throws IOException {
    files++;
    assertThat(memoryToRead(name, file)).as(name).isLessThan(MEMORY_FOR_ONE_FILE);
  }

  /** Reads from memory, and from a file a part and what its header says. */
  private long memoryToRead(String name, byte[] content) throws IOException {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      AudioFile.decode(new ByteArrayInputStream(content), name);
    } catch (AudioFormatException e) {
      refused++;
      assertThat(e).hasMessageStartingWith(name + ": ").hasMessageEndingWith(")");
      assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(250);
    }
    long memory = threads.getCurrentThreadAllocatedBytes() - before;

    Path file = folder.resolve("damaged");
    Files.write(file, content);
    try {
      AudioFile.info(file);
      AudioFile.decode(file, 0.001, 0.001);
    } catch (AudioFormatException e) {
      assertThat(e.file()).isEqualTo(file.toString());
    }
    return memory;
  }
}
