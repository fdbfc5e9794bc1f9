package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files as the JDK itself writes them. */
class SoundReadTest {

  /** A file of {@code samples}, which are as long as a sample of {@code bits} and big-endian. */
  static byte[] file(
      AudioFileFormat.Type type, Encoding encoding, int bits, int channels, byte... samples)
      throws IOException {
    int frameBytes = channels * bits / 8;
    AudioFormat format = new AudioFormat(encoding, 8000, bits, channels, frameBytes, 8000, true);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    AudioSystem.write(
        new AudioInputStream(
            new ByteArrayInputStream(samples), format, samples.length / frameBytes),
        type,
        out);
    return out.toByteArray();
  }

  private static Decoded decode(byte[] file) throws IOException {
    return AudioFile.decode(new ByteArrayInputStream(file), "test");
  }

  @ParameterizedTest
  @CsvSource({"8, c0", "16, c000", "24, c00000", "32, c0000000"})
  void readsAiffAndAuOfEveryWidth(int bits, String hex) throws IOException {
    byte[] sample = WavReadTest.hex(hex);
    byte[] stereo = Arrays.copyOf(sample, 4 * sample.length);
    Audio expected = new Audio(new float[][] {{-0.5f, 0}, {0, 0}}, 8000);

    for (AudioFileFormat.Type type : List.of(AudioFileFormat.Type.AIFF, AudioFileFormat.Type.AU)) {
      Decoded decoded = decode(file(type, Encoding.PCM_SIGNED, bits, 2, stereo));
      assertThat(decoded).isEqualTo(new Decoded(expected, List.of()));
    }
  }

  @Test
  void readsG711InAu() throws IOException {
    byte[] bytes = {(byte) 0xd5, 0x2a};

    float[] aLaw =
        decode(file(AudioFileFormat.Type.AU, Encoding.ALAW, 8, 1, bytes)).audio().samples();
    float[] muLaw =
        decode(file(AudioFileFormat.Type.AU, Encoding.ULAW, 8, 1, bytes)).audio().samples();

    assertThat(aLaw).containsExactly(8 / 32768f, -32256 / 32768f);
    assertThat(muLaw).containsExactly(G711.MU_LAW[0xd5], G711.MU_LAW[0x2a]);
  }

  @Test
  void samplesThatEndEarlyAreReadAsFarAsTheyGo() throws IOException {
    byte[] file = file(AudioFileFormat.Type.AU, Encoding.PCM_SIGNED, 16, 1, new byte[16_000]);

    Decoded decoded = decode(Arrays.copyOf(file, file.length - 4001));

    assertThat(decoded.audio().seconds()).isCloseTo(0.75, within(1e-3));
    assertThat(decoded.warnings())
        .containsExactly(
            "the header says 8000 frames, the file ends after 5999: 0.25 s of 1.00 s are missing");
  }
}
