package dev.cadenza.audio;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * How one sample is kept in bytes.
 *
 * @param kind what the bytes mean
 * @param bytes a sample takes in the file
 * @param bits of the sample that count; the description says this number
 * @param order of the bytes
 * @param rightAligned whether an integer narrower than its bytes sits at their low end; the WAV
 *     specification puts it at the high end, where it needs no care
 */
record PcmCodec(Kind kind, int bytes, int bits, ByteOrder order, boolean rightAligned) {

  enum Kind {
    UNSIGNED,
    SIGNED,
    FLOAT,
    A_LAW,
    MU_LAW
  }

  static PcmCodec of(Kind kind, int bytes, ByteOrder order) {
    return new PcmCodec(kind, bytes, 8 * bytes, order, false);
  }

  PcmCodec withRightAligned() {
    return new PcmCodec(kind, bytes, bits, order, true);
  }

  /** Whether samples of this kind and width can be decoded. */
  boolean isKnown() {
    return switch (kind) {
      case SIGNED -> bytes >= 1 && bytes <= 4;
      case FLOAT -> bits == 8 * bytes && (bytes == 4 || bytes == 8);
      case UNSIGNED, A_LAW, MU_LAW -> bits > 0 && bytes == 1;
    };
  }

  String description() {
    return switch (kind) {
      case UNSIGNED -> bits + "-bit unsigned PCM";
      case SIGNED -> bits + "-bit PCM";
      case FLOAT -> bits + "-bit float";
      case A_LAW -> "A-law";
      case MU_LAW -> "mu-law";
    };
  }

  /** Bits of padding below (or, right-aligned, above) the bits that count. */
  int paddingBits() {
    return 8 * bytes - bits;
  }

  /**
   * De-interleaves {@code frames} frames from the start of {@code in} and scales them to full scale
   * 1: divides integers by 2^(bits - 1).
   *
   * @param out receives samples [C, frames] from index {@code at} on. Modified.
   */
  void decode(ByteBuffer in, int frames, float[][] out, int at) {
    in.order(order);
    int stride = bytes * out.length;
    for (int c = 0; c < out.length; c++) {
      decodeChannel(in, c * bytes, stride, out[c], at, at + frames);
    }
  }

  private void decodeChannel(ByteBuffer in, int first, int stride, float[] y, int from, int to) {
    int p = first;
    switch (kind) {
      case UNSIGNED -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = ((in.get(p) & 0xff) - 128) * 0x1p-7f;
        }
      }
      case SIGNED -> decodeSigned(in, p, stride, y, from, to);
      case FLOAT -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = bytes == 4 ? in.getFloat(p) : (float) in.getDouble(p);
        }
      }
      case A_LAW, MU_LAW -> {
        float[] table = kind == Kind.A_LAW ? G711.A_LAW : G711.MU_LAW;
        for (int i = from; i < to; i++, p += stride) {
          y[i] = table[in.get(p) & 0xff];
        }
      }
    }
  }

  /** Moves every width to the top of an int, so that one scale serves all. */
  private void decodeSigned(ByteBuffer in, int first, int stride, float[] y, int from, int to) {
    int p = first;
    int shift = rightAligned ? paddingBits() : 0;
    switch (bytes) {
      case 1 -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = (in.get(p) << (24 + shift)) * 0x1p-31f;
        }
      }
      case 2 -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = (in.getShort(p) << (16 + shift)) * 0x1p-31f;
        }
      }
      case 3 -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = (int24(in, p) << (8 + shift)) * 0x1p-31f;
        }
      }
      default -> {
        for (int i = from; i < to; i++, p += stride) {
          y[i] = (in.getInt(p) << shift) * 0x1p-31f;
        }
      }
    }
  }

  /** The bytes of one integer sample as they are, without a sign. */
  int unsigned(byte[] samples, int from) {
    int value = 0;
    for (int i = 0; i < bytes; i++) {
      int p = order == ByteOrder.BIG_ENDIAN ? from + i : from + bytes - 1 - i;
      value = (value << 8) | (samples[p] & 0xff);
    }
    return value;
  }

  private int int24(ByteBuffer in, int p) {
    int middle = (in.get(p + 1) & 0xff) << 8;
    return order == ByteOrder.LITTLE_ENDIAN
        ? (in.get(p) & 0xff) | middle | in.get(p + 2) << 16
        : (in.get(p + 2) & 0xff) | middle | in.get(p) << 16;
  }

  /**
   * The inverse of {@link #decode}, for left-aligned samples: rounds to the nearest integer, ties
   * to even, and clips. {@code in} holds samples [C, from + frames]; writes from the start of
   * {@code out} on.
   */
  void encode(float[][] in, int from, int frames, ByteBuffer out) {
    int p = 0;
    for (int i = from; i < from + frames; i++) {
      for (int c = 0; c < in.length; c++, p += bytes) {
        float x = in[c][i];
        if (kind != Kind.FLOAT && Float.isNaN(x)) {
          throw new IllegalArgumentException(
              "sample " + i + " of channel " + c + " is NaN, which " + description() + " lacks");
        }
        switch (kind) {
          case UNSIGNED -> out.put(p, (byte) (integer(x, 0x1p7) + 128));
          case SIGNED -> encodeSigned(x, out, p);
          case FLOAT -> encodeFloat(x, out, p);
          case A_LAW -> out.put(p, G711.encodeALaw(integer(x, 0x1p15)));
          case MU_LAW -> out.put(p, G711.encodeMuLaw(integer(x, 0x1p15)));
        }
      }
    }
  }

  private void encodeSigned(float x, ByteBuffer out, int p) {
    switch (bytes) {
      case 2 -> out.putShort(p, (short) integer(x, 0x1p15));
      case 3 -> {
        int v = integer(x, 0x1p23);
        out.put(p, (byte) v).put(p + 1, (byte) (v >> 8)).put(p + 2, (byte) (v >> 16));
      }
      default -> out.putInt(p, integer(x, 0x1p31));
    }
  }

  private void encodeFloat(float x, ByteBuffer out, int p) {
    if (bytes == 4) {
      out.putFloat(p, x);
    } else {
      out.putDouble(p, x);
    }
  }

  /** Rounds to the nearest integer, ties to even, and clips to [-scale, scale). */
  static int integer(float x, double scale) {
    return (int) Math.max(-scale, Math.min(scale - 1, Math.rint(x * scale)));
  }
}
