package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the files of {@link GoldenFilesTest} do not hold. */
class FlacReadTest {

  private static final int MIN = Integer.MIN_VALUE;
  private static final int MAX = Integer.MAX_VALUE;

  private static float[] scaled(int bits, long... samples) {
    float[] y = new float[samples.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) samples[i] / (1L << (bits - 1));
    }
    return y;
  }

  /** The difference of two 32-bit channels takes 33 bits. */
  @Test
  void restoresStereoOf32Bits() throws IOException {
    long[] left = {MIN, MAX, MAX, 5, -7};
    long[] right = {MAX, MIN, MAX, -4, -8};
    long[] side = new long[5];
    long[] mid = new long[5];
    for (int i = 0; i < 5; i++) {
      side[i] = left[i] - right[i];
      mid[i] = (left[i] + right[i]) >> 1;
    }

    Audio audio =
        FlacBytes.stream(8000, 2, 32, 15)
            .block(5, 8, 0)
            .verbatim(32, left)
            .verbatim(33, side)
            .endBlock()
            .block(5, 9, 1)
            .verbatim(33, side)
            .verbatim(32, right)
            .endBlock()
            .block(5, 10, 2)
            .verbatim(32, mid)
            .verbatim(33, side)
            .endBlock()
            .decode()
            .audio();

    for (int block = 0; block < 3; block++) {
      int from = 5 * block;
      assertThat(Arrays.copyOfRange(audio.channels()[0], from, from + 5))
          .isEqualTo(scaled(32, left));
      assertThat(Arrays.copyOfRange(audio.channels()[1], from, from + 5))
          .isEqualTo(scaled(32, right));
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 4", "1, 5"})
  void readsRiceCodesAndEscapes(int method, int parameterBits) throws IOException {
    Audio audio =
        FlacBytes.stream(8000, 1, 16, 16)
            .block(16, 0, 0)
            .channel(8, 16)
            .bits(2, method)
            .bits(4, 2)
            .rice(parameterBits, 0, 0, -1, 1, -100)
            .rice(parameterBits, 14, 20000, -32768, 32767, 3)
            .escaped(parameterBits, 0, 0, 0, 0, 0)
            .escaped(parameterBits, 17, 9, -9, 32767, -32768)
            .endBlock()
            .decode()
            .audio();

    assertThat(audio.samples())
        .isEqualTo(
            scaled(16, 0, -1, 1, -100, 20000, -32768, 32767, 3, 0, 0, 0, 0, 9, -9, 32767, -32768));
  }

  @Test
  void predictsByFixedPolynomials() throws IOException {
    long[] squares = {0, 1, 4, 9, 16, 25, 36, 50};
    Audio audio =
        FlacBytes.stream(8000, 1, 16, 8)
            .block(8, 0, 0)
            .channel(8 + 3, 16, 0, 1, 4)
            .bits(6, 0)
            .rice(4, 1, 0, 0, 0, 0, 1)
            .endBlock()
            .decode()
            .audio();

    assertThat(audio.samples()).isEqualTo(scaled(16, squares));
  }

  /** 16383 * 32767 twice, and once more from the sign: beyond 32 bits on the way. */
  @Test
  void predictsBeyond32Bits() throws IOException {
    Audio audio =
        FlacBytes.stream(8000, 1, 24, 4)
            .block(4, 0, 0)
            .channel(31 + 3, 24, 8388607, -8388608, 8388607)
            .bits(4, 14)
            .bits(5, 14)
            .bits(15, 16383)
            .bits(15, -16384)
            .bits(15, 16383)
            .bits(6, 0)
            .rice(4, 14, -25163776)
            .endBlock()
            .decode()
            .audio();

    long predicted = 16383L * 8388607 + 16384L * 8388608 + 16383L * 8388607;
    assertThat(audio.samples()[3]).isEqualTo(((predicted >> 14) - 25163776) * 0x1p-23f);
  }

  @Test
  void readsFourBits() throws IOException {
    Audio audio =
        FlacBytes.stream(8000, 1, 4, 3)
            .block(3, 0, 0)
            .verbatim(4, -8, 0, 7)
            .endBlock()
            .decode()
            .audio();

    assertThat(audio.samples()).isEqualTo(scaled(4, -8, 0, 7));
  }

  /** Blocks of different lengths count frames, here up to a number of seven bytes. */
  @Test
  void readsBlocksOfVariableLength() throws IOException {
    Audio audio =
        FlacBytes.stream(8000, 1, 16, 0)
            .block(2, 0, 0, 0xfff9, 0)
            .verbatim(16, 1, 2)
            .endBlock()
            .block(1, 0, 0, 0xfff9, 0xfe, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf, 0xbf)
            .verbatim(16, 3)
            .endBlock()
            .decode()
            .audio();

    assertThat(audio.samples()).isEqualTo(scaled(16, 1, 2, 3));
  }

  @Test
  void skipsAnId3TagInFront() throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.write(new byte[] {'I', 'D', '3', 4, 0, 0, 0, 0, 1, 2});
    file.write(new byte[130]);
    file.write(tiny().build());

    assertThat(FlacBytes.decode(file.toByteArray()).audio().samples())
        .isEqualTo(scaled(16, 100, 200));
  }

  private static FlacBytes tiny() {
    return FlacBytes.stream(8000, 1, 16, 2).block(2, 0, 0).verbatim(16, 100, 200).endBlock();
  }

  @Test
  void aCutStreamIsReadAsFarAsItGoes() throws IOException {
    byte[] file = Files.readAllBytes(GoldenFilesTest.file("stereo-16.flac"));
    Audio whole = FlacBytes.decode(file).audio();

    Decoded decoded = FlacBytes.decode(Arrays.copyOf(file, file.length - 10));

    assertThat(decoded.audio()).isEqualTo(whole.slice(0, 2816.5 / 44100));
    assertThat(decoded.warnings())
        .containsExactly(
            "the header says 3000 frames, the file ends after 2816: 0.00 s of 0.07 s are missing");
  }

  @Test
  void aStreamOfUnknownLengthMayEndAnywhere() throws IOException {
    FlacBytes flac =
        FlacBytes.stream(8000, 1, 16, 0).block(2, 0, 0).verbatim(16, 100, 200).endBlock();

    assertThat(flac.decode().warnings()).isEmpty();
    assertThat(flac.raw(0xff, 0xf8, 0x70).decode().warnings())
        .containsExactly("the file ends inside a block, which is left out");
    assertThat(flac.decode().audio().samples()).isEqualTo(scaled(16, 100, 200));
  }

  @Test
  void verifiesTheMd5() throws Exception {
    byte[] samples = {100, 0, (byte) 200, 0};
    byte[] right = MessageDigest.getInstance("MD5").digest(samples);
    byte[] wrong = right.clone();
    wrong[0]++;

    FlacBytes good = FlacBytes.stream(8000, 1, 16, 2, right).block(2, 0, 0);
    assertThat(good.verbatim(16, 100, 200).endBlock().decode().warnings()).isEmpty();
    assertFault(
        FlacBytes.stream(8000, 1, 16, 2, wrong).block(2, 0, 0).verbatim(16, 100, 200).endBlock(),
        "the decoded samples do not have the MD5 that the header says (at byte 42)");
  }

  @Test
  void aWrongSeekTableCostsNothingButTime() throws IOException {
    byte[] file = Files.readAllBytes(GoldenFilesTest.file("stereo-16.flac"));
    Audio whole = FlacBytes.decode(file).audio();
    // The third point's position: after "fLaC", STREAMINFO and two points.
    int position = 4 + 4 + 34 + 4 + 2 * 18 + 8;
    for (int wrong : new int[] {0, 1, 77}) {
      byte[] changed = file.clone();
      changed[position + 7] += (byte) (1 + wrong);
      Path path = Files.createTempFile("seek", ".flac");
      Files.write(path, changed);

      assertThat(AudioFile.read(path, 0.02, 0.01)).isEqualTo(whole.slice(0.02, 0.01));
      Files.delete(path);
    }
  }

  @Test
  void nameAndPlaceOfEveryFault() {
    assertFault(
        new FlacBytes().raw(0x66, 0x4c, 0x61, 0x43, 0x00),
        "the header is cut: the file ends inside its metadata (at byte 4)");
    assertFault(
        new FlacBytes().raw(0x66, 0x4c, 0x61, 0x43, 0x84, 0, 0, 1, 0),
        "metadata block of type 4 and 1 bytes, expected STREAMINFO of 34 (at byte 8)");
    assertFault(
        FlacBytes.stream(0, 1, 16, 2), "sample rate of 0 Hz, expected 1 or more (at byte 18)");
    assertFault(
        FlacBytes.stream(8000, 1, 3, 2), "samples of 3 bits, expected 4 to 32 (at byte 20)");
    assertFault(
        FlacBytes.stream(8000, 1, 16, 2).raw(1, 2, 3, 4, 5, 6, 7, 8),
        "no FLAC block where one is expected (at byte 42)");
    assertFault(
        FlacBytes.stream(8000, 1, 16, 2).raw(0xff, 0xf8, 0x70, 0, 0, 0, 1, 77).raw(1, 2, 3),
        "CRC-8 is 4d, the block's header gives ad (at byte 42)");
    assertFault(
        FlacBytes.stream(8000, 1, 16, 2).block(2, 0, 0).verbatim(16, 1, 2).raw(1, 2),
        "CRC-16 is 0102, the block's content gives f4e1 (at byte 42)");
    assertFault(
        FlacBytes.stream(8000, 1, 16, 2).block(2, 0, 5, 0xfff8, 0).verbatim(16, 1, 2).endBlock(),
        "a block of 1 channels, 16000 Hz, 16 bits in a stream of 1 channels, 8000 Hz, 16 bits"
            + " (at byte 42)");
  }

  /** A Rice code of 80 million zeros, which no block can need. */
  @Test
  void refusesABlockWithoutEnd() {
    byte[] start =
        FlacBytes.stream(8000, 1, 16, 0).block(8, 0, 0).channel(8, 16).bits(10, 0).build();
    byte[] file = Arrays.copyOf(start, 10_000_000);

    assertThatThrownBy(() -> FlacBytes.decode(file))
        .isInstanceOf(AudioFormatException.class)
        .hasMessage("test.flac: a block of more than 4194304 bytes (at byte 42)");
  }

  private static void assertFault(FlacBytes flac, String problem) {
    assertThatThrownBy(flac::decode)
        .isInstanceOf(AudioFormatException.class)
        .hasMessage("test.flac: " + problem);
  }
}
