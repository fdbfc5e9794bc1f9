package dev.cadenza.io;

import java.nio.ByteBuffer;

/** The kinds of numbers that a {@code .safetensors} file holds and this library reads. */
enum Encoding {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U8(1),
  BOOL(1);

  private final int bytes;

  Encoding(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes a number takes. */
  int bytes() {
    return bytes;
  }

  /** Whether these are read as whole numbers instead of as a tensor. */
  boolean isInteger() {
    return compareTo(I64) >= 0;
  }

  /** Takes the next {@code n} numbers of a little-endian buffer as doubles: F64 only. */
  static void doubles(ByteBuffer from, double[] to, int offset, int n) {
    from.asDoubleBuffer().get(to, offset, n);
  }

  /** Takes the next {@code n} numbers of a little-endian buffer as floats: F32, F16 and BF16. */
  void floats(ByteBuffer from, float[] to, int offset, int n) {
    if (this == F32) {
      from.asFloatBuffer().get(to, offset, n);
      return;
    }
    for (int i = offset; i < offset + n; i++) {
      short bits = from.getShort();
      to[i] = this == BF16 ? Float.intBitsToFloat(bits << 16) : half(bits);
    }
  }

  /** Takes the next {@code n} numbers of a little-endian buffer as longs: all integers. */
  void longs(ByteBuffer from, long[] to, int offset, int n) {
    for (int i = offset; i < offset + n; i++) {
      to[i] =
          switch (this) {
            case I64 -> from.getLong();
            case I32 -> from.getInt();
            case I16 -> from.getShort();
            case I8 -> from.get();
            case U8, BOOL -> Byte.toUnsignedLong(from.get());
            case F64, F32, F16, BF16 -> throw new IllegalStateException(this + " is no integer");
          };
    }
  }

  /** IEEE 754 binary16: a sign bit, 5 bits of exponent, 10 of fraction. Exact in a float. */
  private static float half(short bits) {
    int sign = bits & 0x8000;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero or subnormal: a multiple of 2^-24
      float magnitude = fraction * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    int wide = exponent == 0x1f ? 0xff : exponent + 127 - 15;
    return Float.intBitsToFloat(sign << 16 | wide << 23 | fraction << 13);
  }
}
