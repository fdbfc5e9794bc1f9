package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Long files, whose samples are holes on the disk. */
class StreamingTest {

  @TempDir private Path folder;

  /** An RF64 of {@code frames} frames of 16-bit stereo, the last of them 0.5 and -0.5. */
  static void writeSparse(Path file, long frames) throws IOException {
    byte[] header =
        WavBytes.riff("RF64", -1)
            .letters("ds64")
            .u32(28)
            .u64(72 + 4 * frames)
            .u64(4 * frames)
            .u64(frames)
            .u32(0)
            .fmt(1, 2, 44100, 16)
            .letters("data")
            .u32(-1)
            .build();
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(header);
      out.seek(header.length + 4 * (frames - 1));
      out.write(new byte[] {0, 0x40, 0, (byte) 0xc0});
    }
  }

  @Test
  void memoryDoesNotGrowWithTheFile() throws IOException {
    Path file = folder.resolve("minutes.wav");
    long frames = 5 * 60 * 44100;
    writeSparse(file, frames);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();

    long read = 0;
    double sum = 0;
    try (AudioReader reader = AudioFile.open(file)) {
      float[][] block = new float[2][4096];
      for (int n = reader.read(block, 4096); n > 0; n = reader.read(block, 4096)) {
        read += n;
        sum += block[0][n - 1];
      }
    }

    assertThat(read).isEqualTo(frames);
    assertThat(sum).isEqualTo(0.5);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1 << 20);
  }

  /** Ten hours are 6.35 GB: positions beyond 32 bits, and no time for what is skipped. */
  @Test
  void findsTheEndOfTenHoursAtOnce() throws IOException {
    Path file = folder.resolve("hours.wav");
    long frames = 10L * 3600 * 44100;
    writeSparse(file, frames);

    assertThat(AudioFile.info(file))
        .isEqualTo(new AudioInfo("RF64", "16-bit PCM", 44100, 2, frames));
    assertThat(AudioFile.info(file).seconds()).isEqualTo(36000);
    Audio end = AudioFile.read(file, 36000 - 1, Double.POSITIVE_INFINITY);
    assertThat(end.frames()).isEqualTo(44100);
    assertThat(end.channel(1).samples()[44099]).isEqualTo(-0.5f);
  }

  @Test
  void refusesWhatNoHeapHolds() throws IOException {
    Path file = folder.resolve("weeks.wav");
    long frames = 3L << 30;
    writeSparse(file, frames);

    assertThatThrownBy(() -> AudioFile.read(file))
        .isInstanceOf(AudioFormatException.class)
        .hasMessage(
            "%s: %d frames of 2 channels take 24576 MB, the heap has %d MB:"
                + " read a part, or open and stream (at byte 0)",
            file, frames, Runtime.getRuntime().maxMemory() >> 20);
  }

  @Test
  void readsBlocksAndSkipsAsOneRead() throws IOException {
    for (String name : new String[] {"stereo-16.flac", "mono.ogg"}) {
      Audio whole = AudioFile.read(GoldenFilesTest.file(name));
      try (AudioReader reader = AudioFile.open(GoldenFilesTest.file(name))) {
        float[][] block = new float[whole.channelCount()][700];
        assertThat(reader.read(block, 10, 300)).isEqualTo(300);
        assertThat(block[0][10]).isEqualTo(whole.channels()[0][0]);
        assertThat(block[0][309]).isEqualTo(whole.channels()[0][299]);
        assertThat(reader.skip(1000)).isEqualTo(1000);
        assertThat(reader.read(block, 700)).isEqualTo(700);
        assertThat(block[0][699]).isEqualTo(whole.channels()[0][1999]);
        assertThat(reader.skip(Long.MAX_VALUE)).isEqualTo(whole.frames() - 2000);
        assertThat(reader.read(block, 1)).isZero();
        assertThat(reader.warnings()).isEmpty();
      }
    }
  }

  @Test
  void refusesABlockOfOtherChannels() throws IOException {
    Path file = folder.resolve("stereo.wav");
    Files.write(file, WavBytes.riff().fmt(1, 2, 8000, 16).data(new short[8]).build());
    try (AudioReader reader = AudioFile.open(file)) {
      assertThatThrownBy(() -> reader.read(new float[1][4], 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("read: channels differ, block has 1, the file has 2");
    }
  }
}
