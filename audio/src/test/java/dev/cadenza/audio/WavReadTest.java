package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WavReadTest {

  /** Samples of every width and their values as soundfile 0.13 (libsndfile 1.2.0) reads them. */
  static Stream<Arguments> encodings() {
    return Stream.of(
        Arguments.of(1, 8, "00 80 ff 81", new float[] {-1, 0, 0.9921875f, 0.0078125f}),
        Arguments.of(1, 16, "0080 0000 ff7f 0100", new float[] {-1, 0, 32767 / 32768f, 0x1p-15f}),
        Arguments.of(
            1,
            24,
            "000080 000000 ffff7f ffffff",
            new float[] {-1, 0, 8388607 / 8388608f, -0x1p-23f}),
        Arguments.of(
            1, 32, "00000080 00000000 ffffff7f 01000000", new float[] {-1, 0, 1, 0x1p-31f}),
        Arguments.of(
            3, 32, "0000003f 000080bf 0000c07f 00004040", new float[] {0.5f, -1, Float.NaN, 3}),
        Arguments.of(
            3,
            64,
            "000000000000e03f 000000000000f07f",
            new float[] {0.5f, Float.POSITIVE_INFINITY}),
        Arguments.of(6, 8, "d5 55 aa 2a 80", new float[] {8, -8, 32256, -32256, 5504}),
        Arguments.of(7, 8, "ff 7f 80 00 d2", new float[] {0, 0, 32124, -32124, 812}));
  }

  @ParameterizedTest(name = "tag {0}, {1} bits")
  @MethodSource("encodings")
  void readsEveryEncoding(int tag, int bits, String hex, float[] expected) throws IOException {
    byte[] samples = hex(hex);
    boolean g711 = tag == 6 || tag == 7;
    float[] values = expected.clone();
    for (int i = 0; g711 && i < values.length; i++) {
      values[i] /= 32768;
    }

    Audio plain = WavBytes.riff().fmt(tag, 1, 8000, bits).chunk("data", samples).decode().audio();
    Audio extensible =
        WavBytes.riff()
            .extensible(tag, 1, 8000, bits / 8, bits, bits)
            .chunk("data", samples)
            .decode()
            .audio();

    assertThat(plain).isEqualTo(Audio.mono(values, 8000));
    assertThat(extensible).isEqualTo(plain);
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 24, 32})
  void readsBigEndianRifx(int bits) throws IOException {
    byte[] sample = new byte[bits / 8];
    sample[0] = (byte) 0xc0;
    sample[1] = 0x01;

    Audio audio =
        WavBytes.riff("RIFX", -1).fmt(1, 1, 8000, bits).chunk("data", sample).decode().audio();

    float expected = -0x3fffp-15f;
    assertThat(audio.samples()).containsExactly(expected);
  }

  @Test
  void separatesChannels() throws IOException {
    Audio audio =
        WavBytes.riff().fmt(1, 3, 44100, 16).data(new short[] {1, 2, 3, 4, 5, 6}).decode().audio();

    assertThat(audio.channels())
        .isDeepEqualTo(
            new float[][] {
              {1 / 32768f, 4 / 32768f}, {2 / 32768f, 5 / 32768f}, {3 / 32768f, 6 / 32768f}
            });
  }

  /**
   * 0x123000 in 20 bits of 3 bytes, 0x1230 in 12 bits of 2, both the same fraction of full scale.
   */
  @Test
  void narrowSamplesSitAtTheHighEndOfTheirBytes() throws IOException {
    Audio twelve =
        WavBytes.riff().fmt(1, 1, 8000, 2, 12).chunk("data", hex("3012 0080")).decode().audio();
    Audio twenty =
        WavBytes.riff()
            .extensible(1, 1, 8000, 3, 24, 20)
            .chunk("data", hex("003012 000080"))
            .decode()
            .audio();

    float[] expected = {0x1230p-15f, -1};
    assertThat(twelve.samples()).containsExactly(expected);
    assertThat(twenty.samples()).containsExactly(expected);
  }

  /** Some writers put 24 bits at the low end of 4 bytes, with or without copies of the sign. */
  @ParameterizedTest
  @ValueSource(strings = {"a0ffff00 0c5a0000", "a0ffffff 0c5a0000"})
  void findsNarrowSamplesAtTheLowEndOfTheirBytes(String hex) throws IOException {
    byte[] silence = new byte[1 << 17];
    byte[] samples = ByteBuffer.allocate(silence.length + 8).put(silence).put(hex(hex)).array();

    Audio plain = WavBytes.riff().fmt(1, 1, 8000, 4, 24).chunk("data", samples).decode().audio();
    Audio extensible =
        WavBytes.riff().extensible(1, 1, 8000, 4, 32, 24).chunk("data", samples).decode().audio();

    float[] y = plain.samples();
    assertThat(y[y.length - 2]).isEqualTo(-96 * 0x1p-23f);
    assertThat(y[y.length - 1]).isEqualTo(23052 * 0x1p-23f);
    assertThat(extensible).isEqualTo(plain);
  }

  @Test
  void skipsChunksBeforeAndAfterTheSamples() throws IOException {
    byte[] xml = new byte[54_000];
    byte[] filler = new byte[4_044];

    Decoded decoded =
        WavBytes.riff()
            .fmt(1, 1, 48000, 16)
            .chunk("FLLR", filler)
            .chunk("odd ", (byte) 1, (byte) 2, (byte) 3)
            .data((short) 16384)
            .chunk("LIST", (byte) 0)
            .chunk("_PMX", xml)
            .decode();

    assertThat(decoded)
        .isEqualTo(new Decoded(Audio.mono(new float[] {0.5f}, 48000), decoded.warnings()));
    assertThat(decoded.warnings()).isEmpty();
  }

  @Test
  void findsTheNextChunkWhereThePadByteIsMissing() throws IOException {
    Audio audio =
        WavBytes.riff()
            .fmt(1, 1, 48000, 16)
            .letters("LIST")
            .u32(3)
            .bytes((byte) 'a', (byte) 'b', (byte) 'c')
            .data((short) 16384)
            .decode()
            .audio();

    assertThat(audio.samples()).containsExactly(0.5f);
  }

  @Test
  void readsSamplesThatComeBeforeTheirFormat() throws IOException {
    Audio audio = WavBytes.riff().data((short) 16384).fmt(1, 1, 48000, 16).decode().audio();

    assertThat(audio.samples()).containsExactly(0.5f);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1})
  void aStreamWithoutASizeLastsToTheEndOfTheFile(int size) throws IOException {
    Decoded decoded =
        WavBytes.riff("RIFF", size)
            .fmt(1, 1, 48000, 16)
            .letters("data")
            .u32(size)
            .u16(16384)
            .u16(-16384)
            .decode();

    assertThat(decoded.audio().samples()).containsExactly(0.5f, -0.5f);
    assertThat(decoded.warnings()).isEmpty();
  }

  @Test
  void noSamplesAreAudioToo() throws IOException {
    Decoded decoded =
        WavBytes.riff("RIFF", 48).fmt(1, 2, 48000, 16).data().chunk("LIST", new byte[4]).decode();

    assertThat(decoded.audio().frames()).isZero();
    assertThat(decoded.warnings()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"RF64", "BW64"})
  void takesLongSizesFromDs64(String id) throws IOException {
    byte[] file =
        WavBytes.riff(id, -1)
            .letters("ds64")
            .u32(28)
            .u64(84)
            .u64(4)
            .u64(2)
            .u32(0)
            .fmt(1, 1, 48000, 16)
            .letters("data")
            .u32(-1)
            .u16(16384)
            .u16(-16384)
            .chunk("LIST", new byte[4])
            .build();

    assertThat(WavBytes.decode(file).audio().samples()).containsExactly(0.5f, -0.5f);
  }

  @Test
  void readsWave64() throws IOException {
    assertThat(WavBytes.decode(wave64()).audio())
        .isEqualTo(Audio.mono(new float[] {0.5f, 1 / 32768f}, 48000));
  }

  /** A chunk of odd length, a format and two samples. */
  static byte[] wave64() {
    byte[] tail = hex("f3acd3118cd100c04f8edb8a");
    ByteBuffer b = ByteBuffer.allocate(40 + 32 + 40 + 28).order(ByteOrder.LITTLE_ENDIAN);
    b.put(ascii("riff")).put(hex("2e91cf11a5d628db04c10000")).putLong(b.capacity());
    b.put(ascii("wave")).put(tail);
    b.put(ascii("junk")).put(tail).putLong(27).put(new byte[8]);
    b.put(ascii("fmt ")).put(tail).putLong(40);
    b.putShort((short) 1).putShort((short) 1).putInt(48000).putInt(96000);
    b.putShort((short) 2).putShort((short) 16);
    b.put(ascii("data")).put(tail).putLong(28).putShort((short) 16384).putShort((short) 1);
    return b.array();
  }

  @Test
  void samplesThatEndEarlyAreReadAsFarAsTheyGo() throws IOException {
    byte[] file = WavBytes.riff().fmt(1, 1, 100, 16).data(new short[100]).build();

    Decoded decoded = WavBytes.decode(Arrays.copyOf(file, 44 + 51));

    assertThat(decoded.audio().frames()).isEqualTo(25);
    assertThat(decoded.warnings())
        .containsExactly(
            "the data chunk at byte 36 says 200 bytes, the file holds 51:"
                + " 0.75 s of 1.00 s are missing");
  }

  @Test
  void aFrameCutInTwoIsLeftOut() throws IOException {
    Decoded decoded =
        WavBytes.riff().fmt(1, 1, 100, 16).chunk("data", (byte) 0, (byte) 64, (byte) 1).decode();

    assertThat(decoded.audio().samples()).containsExactly(0.5f);
    assertThat(decoded.warnings())
        .containsExactly(
            "the data chunk at byte 36 ends inside a frame of 2 bytes: 1 bytes are left out");
  }

  @Test
  void aWrongBlockAlignIsCorrected() throws IOException {
    Decoded decoded =
        WavBytes.riff().fmt(1, 2, 100, 2, 16).data((short) 16384, (short) -16384).decode();

    assertThat(decoded.audio().channels()).isDeepEqualTo(new float[][] {{0.5f}, {-0.5f}});
    assertThat(decoded.warnings())
        .containsExactly(
            "the fmt chunk at byte 20 says 2 bytes a frame, 2 channels of 16 bits take 4");
  }

  static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
