package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WavWriteTest {

  @TempDir private Path folder;

  /** What any encoding can hold comes back as it was, and writing it again gives the same bytes. */
  @ParameterizedTest
  @EnumSource(WavEncoding.class)
  void whatWasReadIsWrittenUnchanged(WavEncoding encoding) throws IOException {
    Path once = folder.resolve("once.wav");
    Path twice = folder.resolve("twice.wav");
    AudioFile.writeWav(once, noise(3, 20_001, 44100), encoding);

    Decoded decoded = AudioFile.decode(once);
    AudioFile.writeWav(twice, decoded.audio(), encoding);

    assertThat(decoded.warnings()).isEmpty();
    assertThat(decoded.audio().frames()).isEqualTo(20_001);
    assertThat(decoded.audio().sampleRate()).isEqualTo(44100);
    assertThat(Files.readAllBytes(twice)).isEqualTo(Files.readAllBytes(once));
    assertThat(Files.size(once) % 2).isZero();
  }

  @Test
  void floatsComeBackBitForBit() throws IOException {
    Audio audio = Audio.mono(new float[] {1.5f, -7, Float.NaN, Float.NEGATIVE_INFINITY}, 8000);
    Path file = folder.resolve("float.wav");

    AudioFile.writeWav(file, audio, WavEncoding.FLOAT_32);

    assertThat(AudioFile.read(file)).isEqualTo(audio);
  }

  @Test
  void integersAreRoundedAndClipped() throws IOException {
    float[] y = {0.5f / 32768, 1.5f / 32768, -2.6f / 32768, 1, 2, -1, -2, Float.POSITIVE_INFINITY};
    Path file = folder.resolve("clip.wav");

    AudioFile.writeWav(file, Audio.mono(y, 8000), WavEncoding.PCM_16);

    float max = 32767 / 32768f;
    assertThat(AudioFile.read(file).samples())
        .containsExactly(0, 2 / 32768f, -3 / 32768f, max, max, -1, -1, max);
  }

  @Test
  void integersHaveNoNan() {
    Audio audio = new Audio(new float[][] {{0, 0}, {0, Float.NaN}}, 8000);

    assertThatThrownBy(() -> AudioFile.writeWav(folder.resolve("x"), audio, WavEncoding.PCM_16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("sample 1 of channel 1 is NaN, which 16-bit PCM lacks");
  }

  /** The header that naive readers expect: samples from byte 44 on. */
  @Test
  void sixteenBitMonoHasTheClassicHeader() throws IOException {
    Path file = folder.resolve("classic.wav");

    AudioFile.writeWav(file, Audio.mono(new float[] {0.5f}, 16000), WavEncoding.PCM_16);

    byte[] expected = WavBytes.riff("RIFF", 38).fmt(1, 1, 16000, 16).data((short) 16384).build();
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);
  }

  @Test
  void blocksAddUpToTheWholeFile() throws IOException {
    Audio audio = noise(2, 1000, 8000);
    Path file = folder.resolve("blocks.wav");

    try (WavWriter writer = WavWriter.open(file, 8000, 2, WavEncoding.FLOAT_32)) {
      for (int count : List.of(1, 0, 999)) {
        int from = count == 999 ? 1 : 0;
        Audio block = audio.slice(from / 8000.0, count / 8000.0);
        writer.write(block.channels(), count);
      }
    }

    assertThat(AudioFile.read(file)).isEqualTo(audio);
    assertThat(AudioFile.info(file).format()).isEqualTo("WAV");
  }

  /** The limit is lowered to 1000 bytes here: files of 4 GB do not belong in a test. */
  @Test
  void becomesRf64BeyondTheLimit() throws IOException {
    Audio audio = noise(2, 1000, 8000);
    Path file = folder.resolve("long.wav");

    try (WavWriter writer = new WavWriter(file, 8000, 2, WavEncoding.PCM_U8, true, 1000)) {
      writer.write(audio.channels(), 1000);
    }

    assertThat(AudioFile.info(file))
        .isEqualTo(new AudioInfo("RF64", "8-bit unsigned PCM", 8000, 2, 1000));
    assertThat(AudioFile.decode(file).warnings()).isEmpty();
  }

  private static Audio noise(int channels, int frames, int rate) {
    SplittableRandom random = new SplittableRandom(7);
    float[][] y = new float[channels][frames];
    for (float[] channel : y) {
      for (int t = 0; t < frames; t++) {
        channel[t] = (float) random.nextDouble(-1, 1);
      }
    }
    return new Audio(y, rate);
  }
}
