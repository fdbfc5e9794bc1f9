package dev.cadenza.audio;

import java.io.EOFException;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Bits of a FLAC file in their order, the highest of a byte first. Keeps the bytes since {@link
 * #mark} for a checksum.
 *
 * <p>A read loads the eight bytes around its position at once; the buffer ends in zeros that make
 * this safe, and the one comparison before each read refills it.
 */
final class FlacBits {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  /** Bits that one load is sure to hold, and that one read may take. */
  private static final int MAX_BITS = 57;

  private static final int PADDING = 16;
  private static final int FIRST_BUFFER = 1 << 16;

  /** Longer than any block that saves space: 65535 frames of 8 channels of 32 bits take 2 MB. */
  private static final int LARGEST_BLOCK = 1 << 23;

  private final ByteSource source;
  private byte[] buffer = new byte[FIRST_BUFFER + PADDING];
  private long bufferStart;
  private int bytes;
  private int mark;

  /** Position of the next bit in the buffer, and up to where reads need no care. */
  private long position;

  private long safe;

  FlacBits(ByteSource source, long start) {
    this.source = source;
    this.bufferStart = start;
  }

  /** Goes to a byte of the file. */
  void seek(long bytePosition) {
    bufferStart = bytePosition;
    bytes = 0;
    mark = 0;
    position = 0;
    safe = 0;
  }

  /** Position in the file of the byte that holds the next bit. */
  long bytePosition() {
    return bufferStart + (position >>> 3);
  }

  /** Whether the file ends here. */
  boolean atEnd() throws IOException {
    refillIfNeeded();
    return position >= 8L * bytes;
  }

  /** Keeps bytes from the next one on, until the next mark. */
  void mark() {
    mark = (int) (position >>> 3);
  }

  /** CRC-16 of the bytes since {@link #mark}; the position is at the start of a byte. */
  int crc16() {
    return FlacCrc.crc16(buffer, mark, (int) (position >>> 3));
  }

  /** CRC-8 of the bytes since {@link #mark}; the position is at the start of a byte. */
  int crc8() {
    return FlacCrc.crc8(buffer, mark, (int) (position >>> 3));
  }

  /** Skips what is left of the current byte. */
  void align() {
    position = (position + 7) & ~7L;
  }

  /** The next {@code n} bits as an unsigned number, n from 0 to 57. */
  long unsigned(int n) throws IOException {
    refillIfNeeded();
    long word = word();
    position += n;
    return n == 0 ? 0 : word >>> (64 - n);
  }

  /** The next {@code n} bits as a number in two's complement, n from 0 to 57. */
  long signed(int n) throws IOException {
    refillIfNeeded();
    long word = word();
    position += n;
    return n == 0 ? 0 : word >> (64 - n);
  }

  /** Number of zeros before the next one, which is read too. */
  long unary() throws IOException {
    long zeros = 0;
    while (true) {
      refillIfNeeded();
      int n = Long.numberOfLeadingZeros(word());
      if (n < MAX_BITS) {
        position += n + 1;
        return zeros + n;
      }
      position += MAX_BITS;
      zeros += MAX_BITS;
    }
  }

  /** Fills {@code out} from {@code from} to {@code to} with signed numbers in Rice code. */
  void rice(int parameter, long[] out, int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      refillIfNeeded();
      long word = word();
      int zeros = Long.numberOfLeadingZeros(word);
      long folded;
      if (zeros + 1 + parameter <= MAX_BITS) {
        position += zeros + 1 + parameter;
        // Drops zeros and the one behind them; two shifts, as a parameter of 0 takes 64 places.
        long remainder = word << zeros << 1 >>> (63 - parameter) >>> 1;
        folded = ((long) zeros << parameter) | remainder;
      } else {
        folded = (unary() << parameter) + unsigned(parameter);
      }
      out[i] = (folded >>> 1) ^ -(folded & 1);
    }
  }

  /** Refuses to go on if more has been read than the file holds. */
  void checkNotPastEnd() throws EOFException {
    if (position > 8L * bytes) {
      throw new EOFException();
    }
  }

  private long word() {
    return (long) LONG.get(buffer, (int) (position >>> 3)) << (position & 7);
  }

  private void refillIfNeeded() throws IOException {
    if (position >= safe) {
      refill();
    }
  }

  /** Moves what is kept to the front, reads behind it, and grows where a block needs it. */
  private void refill() throws IOException {
    checkNotPastEnd();
    bytes -= mark;
    System.arraycopy(buffer, mark, buffer, 0, bytes);
    bufferStart += mark;
    position -= 8L * mark;
    mark = 0;
    if (bytes + PADDING > (buffer.length - PADDING) / 2) {
      if (buffer.length > LARGEST_BLOCK) {
        throw new AudioFormatException(
            source.name(), bufferStart, "a block of more than %d bytes", LARGEST_BLOCK / 2);
      }
      buffer = Arrays.copyOf(buffer, 2 * buffer.length);
    }
    int capacity = buffer.length - PADDING;
    int read = source.read(bufferStart + bytes, buffer, bytes, capacity - bytes);
    bytes += read;
    Arrays.fill(buffer, bytes, bytes + PADDING, (byte) 0);
    // At the end of the file reads may begin up to the last bit, and then once more to be refused.
    safe = bytes == capacity ? 8L * (bytes - 8) : 8L * bytes;
  }
}
