package dev.cadenza.audio;

import dev.cadenza.audio.PcmCodec.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The {@code fmt } chunk of a WAV file: 16 bytes, 18 with an empty extension, or 40 where
 * WAVE_FORMAT_EXTENSIBLE says how many bits are valid and hides the encoding in a GUID.
 *
 * @param position of the chunk's content in the file
 * @param tag the encoding's number
 * @param blockAlign bytes a frame takes, as the chunk says
 * @param bits of a sample, as the chunk says
 * @param valid bits of a sample, 0 where the chunk does not say
 */
record WavFmt(
    long position, int tag, int channels, int sampleRate, int blockAlign, int bits, int valid) {

  private static final int PLAIN = 16;
  private static final int EXTENSIBLE = 40;
  private static final int EXTENSIBLE_TAG = 0xfffe;
  private static final String EXPECTED =
      ", expected 8 to 32-bit PCM, 32 or 64-bit float, A-law or mu-law";

  static WavFmt read(ByteSource source, long position, long size, ByteOrder order)
      throws IOException {
    int wanted = (int) Math.min(size, EXTENSIBLE);
    ByteBuffer b = ByteBuffer.wrap(source.read(position, wanted)).order(order);
    if (size > source.size() - position) {
      throw new AudioFormatException(
          source.name(),
          position,
          "the header is cut: its \"fmt \" chunk says %d bytes, the file holds %d",
          size,
          source.size() - position);
    }
    boolean extensible = wanted >= 2 && u16(b, 0) == EXTENSIBLE_TAG;
    int needed = extensible ? EXTENSIBLE : PLAIN;
    if (wanted < needed) {
      throw new AudioFormatException(
          source.name(), position, "\"fmt \" chunk of %d bytes, expected %d", size, needed);
    }
    int tag = u16(b, extensible ? 24 : 0);
    int valid = extensible ? u16(b, 18) : 0;
    WavFmt fmt = new WavFmt(position, tag, u16(b, 2), b.getInt(4), u16(b, 12), u16(b, 14), valid);
    if (fmt.channels == 0) {
      throw new AudioFormatException(source.name(), position + 2, "0 channels, expected 1 or more");
    }
    if (fmt.sampleRate <= 0) {
      throw new AudioFormatException(
          source.name(),
          position + 4,
          "sample rate of %s Hz, expected 1 to %d",
          Integer.toUnsignedString(fmt.sampleRate),
          Integer.MAX_VALUE);
    }
    return fmt;
  }

  private static int u16(ByteBuffer b, int index) {
    return Short.toUnsignedInt(b.getShort(index));
  }

  /** How the samples are kept; integers are taken to be left-aligned in their bytes. */
  PcmCodec codec(String file, ByteOrder order) throws AudioFormatException {
    Kind kind =
        switch (tag) {
          case 1 -> bits <= 8 ? Kind.UNSIGNED : Kind.SIGNED;
          case 3 -> Kind.FLOAT;
          case 6 -> Kind.A_LAW;
          case 7 -> Kind.MU_LAW;
          default -> throw new AudioFormatException(file, position, encoding() + EXPECTED);
        };
    int bytes = isBlockAlignPlausible() ? blockAlign / channels : bytesOfBits();
    boolean narrower = kind == Kind.SIGNED && valid > 0 && valid < bits;
    PcmCodec codec = new PcmCodec(kind, bytes, narrower ? valid : bits, order, false);
    if (!codec.isKnown()) {
      throw new AudioFormatException(
          file, position, "%d-bit %s in %d bytes" + EXPECTED, bits, encoding(), bytes);
    }
    return codec;
  }

  /** What is wrong and was worked around, if anything. */
  @Nullable String warning() {
    return isBlockAlignPlausible()
        ? null
        : Text.format(
            "the fmt chunk at byte %d says %d bytes a frame, %d channels of %d bits take %d",
            position, blockAlign, channels, bits, channels * bytesOfBits());
  }

  private int bytesOfBits() {
    return (bits + 7) / 8;
  }

  /** Whether a frame divides into samples that hold their bits; a container may be wider. */
  private boolean isBlockAlignPlausible() {
    return blockAlign % channels == 0 && blockAlign / channels >= bytesOfBits();
  }

  private String encoding() {
    return switch (tag) {
      case 1 -> "PCM";
      case 2 -> "Microsoft ADPCM";
      case 3 -> "float";
      case 6 -> "A-law";
      case 7 -> "mu-law";
      case 0x11 -> "IMA ADPCM";
      case 0x31 -> "GSM 6.10";
      case 0x50, 0x55 -> "MPEG audio";
      case 0xff -> "AAC";
      default -> Text.format("encoding 0x%04x", tag);
    };
  }
}
