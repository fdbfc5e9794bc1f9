package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AudioFileTest {

  @TempDir private Path folder;

  @Test
  void readsAPartWithoutTheRest() throws IOException {
    Path file = folder.resolve("ramp.wav");
    short[] ramp = new short[1000];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (short) i;
    }
    Files.write(file, WavBytes.riff().fmt(1, 1, 1000, 16).data(ramp).build());

    float[] part = AudioFile.read(file, 0.25, 0.5).samples();

    assertThat(part).hasSize(500);
    assertThat(part[0]).isEqualTo(250 / 32768f);
    assertThat(AudioFile.read(file, 0.9, Double.POSITIVE_INFINITY).frames()).isEqualTo(100);
    assertThat(AudioFile.read(file, 2, 1).frames()).isZero();
    assertThat(AudioFile.read(file).frames()).isEqualTo(1000);
    assertThat(AudioFile.info(file)).isEqualTo(new AudioInfo("WAV", "16-bit PCM", 1000, 1, 1000));
  }

  @Test
  void nameAndPlaceOfEveryFault() throws IOException {
    byte[] good = WavBytes.riff().fmt(1, 1, 8000, 16).data(new short[10]).build();

    assertFault(new byte[0], "the file is empty, expected audio (at byte 0)");
    assertFault(
        ascii("Dear all,"),
        "starts with \"Dear\", expected WAV, W64, FLAC, AIFF or AU (at byte 0)");
    assertFault(
        ascii("ID3\4\0\0\0\0\0\0----"),
        "MP3 audio that no javax.sound provider on the classpath reads,"
            + " expected WAV, W64, FLAC, AIFF or AU (at byte 0)");
    assertFault(
        Arrays.copyOf(good, 7), "the header is cut: the file ends after 7 bytes (at byte 7)");
    assertFault(
        Arrays.copyOf(good, 15),
        "the header is cut: the file ends inside a chunk's name or size (at byte 12)");
    assertFault(
        Arrays.copyOf(good, 30),
        "the header is cut: its \"fmt \" chunk says 16 bytes, the file holds 10 (at byte 20)");
    assertFault(
        Arrays.copyOf(good, 36),
        "the header is cut: the file ends without a \"data\" chunk (at byte 36)");
    assertFault(
        WavBytes.riff().letters("fmt ").u32(-1).bytes(new byte[60]).build(),
        "the header is cut: its \"fmt \" chunk says 4294967295 bytes, the file holds 60"
            + " (at byte 20)");
    assertFault(
        WavBytes.riff().letters("fmt ").u32(4).u32(1).build(),
        "\"fmt \" chunk of 4 bytes, expected 16 (at byte 20)");
    assertFault(
        WavBytes.riff().letters("LIST").u32(-16).u32(1).build(),
        "a chunk ends at byte 4294967300, the file at 24, and no \"fmt \" chunk came before"
            + " (at byte 12)");
    assertFault(
        WavBytes.riff().fmt(1, 0, 8000, 16).data().build(),
        "0 channels, expected 1 or more (at byte 22)");
    assertFault(
        WavBytes.riff().fmt(1, 1, -1, 16).data().build(),
        "sample rate of 4294967295 Hz, expected 1 to 2147483647 (at byte 24)");
    assertFault(
        WavBytes.riff().fmt(2, 1, 8000, 4).data().build(),
        "Microsoft ADPCM, expected 8 to 32-bit PCM, 32 or 64-bit float, A-law or mu-law"
            + " (at byte 20)");
    assertFault(
        WavBytes.riff().fmt(1, 1, 8000, 48).data().build(),
        "48-bit PCM in 6 bytes, expected 8 to 32-bit PCM, 32 or 64-bit float, A-law or mu-law"
            + " (at byte 20)");
    assertFault(
        WavBytes.riff().bytes(new byte[100]).build(),
        "expected the name of a chunk, found \"....\" (at byte 12)");
    assertFault(
        ascii("RIFF\0\0\0\0AVI LIST"), "RIFF file of type \"AVI \", expected \"WAVE\" (at byte 8)");
  }

  private void assertFault(byte[] content, String problem) throws IOException {
    Path file = folder.resolve("bad.wav");
    Files.write(file, content);
    assertThatThrownBy(() -> AudioFile.read(file))
        .isInstanceOf(AudioFormatException.class)
        .hasMessage(file + ": " + problem);
  }

  @Test
  void aFolderIsNoAudio() {
    assertThatThrownBy(() -> AudioFile.read(folder))
        .isInstanceOf(AudioFormatException.class)
        .hasMessage(folder + ": is a directory, expected an audio file (at byte 0)");
  }

  @Test
  void aMissingFileIsCalledMissing() {
    Path file = folder.resolve("none.wav");
    assertThatThrownBy(() -> AudioFile.read(file))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(file + ": no such file");
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
