package dev.cadenza.audio;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;

/** Builds FLAC streams bit by bit: what encoders seldom write, and what they should not. */
final class FlacBytes {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int current;
  private int used;
  private int blockStart;

  /** A stream with nothing but a STREAMINFO; {@code md5} may be zeros for "unknown". */
  static FlacBytes stream(int rate, int channels, int bits, long frames, byte... md5) {
    FlacBytes flac = new FlacBytes().raw(0x66, 0x4c, 0x61, 0x43).bits(8, 0x80).bits(24, 34);
    flac.bits(16, 4096).bits(16, 4096).bits(24, 0).bits(24, 0);
    flac.bits(20, rate).bits(3, channels - 1).bits(5, bits - 1).bits(36, frames);
    for (byte b : Arrays.copyOf(md5, 16)) {
      flac.bits(8, b);
    }
    return flac;
  }

  FlacBytes bits(int n, long value) {
    for (int i = n - 1; i >= 0; i--) {
      current = current << 1 | (int) (value >> i & 1);
      if (++used == 8) {
        out.write(current);
        current = 0;
        used = 0;
      }
    }
    return this;
  }

  FlacBytes raw(int... bytes) {
    for (int b : bytes) {
      bits(8, b);
    }
    return this;
  }

  /** A block whose number, in blocks of 4096, is one byte. */
  FlacBytes block(int length, int assignment, int number) {
    return block(length, assignment, 0, 0xfff8, number);
  }

  /** A block's header; {@code number} is in UTF-8's code already. */
  FlacBytes block(int length, int assignment, int rateCode, int sync, int... number) {
    blockStart = out.size();
    bits(16, sync).bits(4, 7).bits(4, rateCode).bits(4, assignment).bits(4, 0);
    raw(number).bits(16, length - 1);
    byte[] all = out.toByteArray();
    return bits(8, FlacCrc.crc8(all, blockStart, all.length));
  }

  FlacBytes endBlock() {
    while (used > 0) {
      bits(1, 0);
    }
    byte[] all = out.toByteArray();
    return bits(16, FlacCrc.crc16(all, blockStart, all.length));
  }

  /** A channel's header and its first samples, of {@code width} bits. */
  FlacBytes channel(int type, int width, long... samples) {
    bits(8, type << 1);
    for (long sample : samples) {
      bits(width, sample);
    }
    return this;
  }

  FlacBytes verbatim(int width, long... samples) {
    return channel(1, width, samples);
  }

  /** A partition in Rice code. */
  FlacBytes rice(int parameterBits, int parameter, long... residuals) {
    bits(parameterBits, parameter);
    for (long residual : residuals) {
      long folded = residual < 0 ? -2 * residual - 1 : 2 * residual;
      for (long zeros = folded >> parameter; zeros > 0; zeros--) {
        bits(1, 0);
      }
      bits(1, 1).bits(parameter, folded);
    }
    return this;
  }

  /** A partition of numbers of {@code width} bits. */
  FlacBytes escaped(int parameterBits, int width, long... residuals) {
    bits(parameterBits, -1).bits(5, width);
    for (long residual : residuals) {
      bits(width, residual);
    }
    return this;
  }

  byte[] build() {
    return out.toByteArray();
  }

  Decoded decode() throws IOException {
    return decode(build());
  }

  static Decoded decode(byte[] file) throws IOException {
    return AudioFile.decode(new ByteArrayInputStream(file), "test.flac");
  }
}
