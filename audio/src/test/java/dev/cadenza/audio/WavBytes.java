package dev.cadenza.audio;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds WAV files chunk by chunk, wrong ones too. */
final class WavBytes {

  private final ByteOrder order;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private WavBytes(String id, ByteOrder order, int riffSize) {
    this.order = order;
    letters(id).u32(riffSize).letters("WAVE");
  }

  /** A RIFF whose size says "to the end of a stream". */
  static WavBytes riff() {
    return riff("RIFF", -1);
  }

  static WavBytes riff(String id, int riffSize) {
    ByteOrder order = id.equals("RIFX") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    return new WavBytes(id, order, riffSize);
  }

  /** A 16-byte {@code fmt } chunk. */
  WavBytes fmt(int tag, int channels, int rate, int bits) {
    return fmt(tag, channels, rate, channels * ((bits + 7) / 8), bits);
  }

  WavBytes fmt(int tag, int channels, int rate, int blockAlign, int bits) {
    return letters("fmt ").u32(16).fmtFields(tag, channels, rate, blockAlign, bits);
  }

  /** A 40-byte {@code fmt } chunk. */
  WavBytes extensible(int tag, int channels, int rate, int blockAlign, int bits, int valid) {
    letters("fmt ").u32(40).fmtFields(0xfffe, channels, rate, blockAlign, bits);
    u16(22).u16(valid).u32(0).u16(tag).u16(0).u32(0x00100000).u32(0xaa000080).u32(0x719b3800);
    return this;
  }

  private WavBytes fmtFields(int tag, int channels, int rate, int blockAlign, int bits) {
    return u16(tag).u16(channels).u32(rate).u32(rate * blockAlign).u16(blockAlign).u16(bits);
  }

  /** A chunk with its pad byte. */
  WavBytes chunk(String id, byte... content) {
    letters(id).u32(content.length).bytes(content);
    return content.length % 2 == 0 ? this : bytes(new byte[1]);
  }

  WavBytes data(short... samples) {
    letters("data").u32(2 * samples.length);
    for (short sample : samples) {
      u16(sample);
    }
    return this;
  }

  WavBytes letters(String id) {
    return bytes(id.getBytes(StandardCharsets.US_ASCII));
  }

  WavBytes u16(int value) {
    return bytes(ByteBuffer.allocate(2).order(order).putShort((short) value).array());
  }

  WavBytes u32(int value) {
    return bytes(ByteBuffer.allocate(4).order(order).putInt(value).array());
  }

  WavBytes u64(long value) {
    return bytes(ByteBuffer.allocate(8).order(order).putLong(value).array());
  }

  WavBytes bytes(byte... bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] build() {
    return out.toByteArray();
  }

  /** The built file, decoded under the name {@code test.wav}. */
  Decoded decode() throws IOException {
    return decode(build());
  }

  static Decoded decode(byte[] file) throws IOException {
    return AudioFile.decode(new ByteArrayInputStream(file), "test.wav");
  }
}
