package dev.cadenza.audio;

import java.io.IOException;
import java.util.Arrays;

/**
 * Decodes one block of FLAC after another (RFC 9639, section 9).
 *
 * <p>All arithmetic is in 64 bits: the difference of two 32-bit channels takes 33, and a predictor
 * may reach further.
 */
final class FlacBlock {

  private static final int SYNC = 0x3ffe;
  private static final int LEFT_SIDE = 8;
  private static final int SIDE_RIGHT = 9;
  private static final int MID_SIDE = 10;
  private static final int[] BITS = {0, 8, 12, -1, 16, 20, 24, 32};
  private static final int[][] FIXED = {{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}};

  private final ByteSource source;
  private final FlacHeader header;
  private final FlacBits bits;
  private final long[][] samples;
  private final long[] coefficients = new long[32];
  private long start;
  private int length;
  private long firstFrame;

  FlacBlock(ByteSource source, FlacHeader header) {
    this.source = source;
    this.header = header;
    this.bits = new FlacBits(source, header.firstFrame());
    this.samples = new long[header.channels()][0];
  }

  /** Samples [C, length] of the block, not scaled. Valid until the next one is read. */
  long[][] samples() {
    return samples;
  }

  /** Number of frames in the block. */
  int length() {
    return length;
  }

  /** Number of the block's first frame, as the block says. */
  long firstFrame() {
    return firstFrame;
  }

  /** The next block starts at this position of the file. */
  void seek(long position) {
    bits.seek(position);
  }

  /**
   * Reads the next block.
   *
   * @return false if there is none
   * @throws java.io.EOFException if the file ends inside the block
   */
  boolean read() throws IOException {
    bits.mark();
    start = bits.bytePosition();
    if (bits.atEnd()) {
      return false;
    }
    int assignment = readHeader();
    int channels = header.channels();
    for (int c = 0; c < channels; c++) {
      if (samples[c].length < length) {
        samples[c] = new long[length];
      }
      boolean side = c == (assignment == SIDE_RIGHT ? 0 : 1) && assignment >= LEFT_SIDE;
      readSubframe(samples[c], header.bits() + (side ? 1 : 0));
    }
    bits.align();
    int expected = bits.crc16();
    int stated = (int) bits.unsigned(16);
    bits.checkNotPastEnd();
    if (stated != expected) {
      throw damaged("CRC-16 is %04x, the block's content gives %04x", stated, expected);
    }
    if (assignment >= LEFT_SIDE) {
      restoreStereo(assignment, samples[0], samples[1]);
    }
    return true;
  }

  /** Reads the block's header and returns how its channels are kept. */
  private int readHeader() throws IOException {
    if (bits.unsigned(14) != SYNC) {
      throw damaged("no FLAC block where one is expected");
    }
    boolean reserved = bits.unsigned(1) == 1;
    boolean variable = bits.unsigned(1) == 1;
    int lengthCode = (int) bits.unsigned(4);
    int rateCode = (int) bits.unsigned(4);
    int assignment = (int) bits.unsigned(4);
    int bitsCode = (int) bits.unsigned(3);
    int bitsOfSample = bitsCode == 0 ? header.bits() : BITS[bitsCode];
    reserved |= bits.unsigned(1) == 1;
    long number = readNumber();
    length =
        switch (lengthCode) {
          case 0 -> 0;
          case 1 -> 192;
          case 2, 3, 4, 5 -> 144 << lengthCode;
          case 6 -> (int) bits.unsigned(8) + 1;
          case 7 -> (int) bits.unsigned(16) + 1;
          default -> 1 << lengthCode;
        };
    int rate = readRate(rateCode);
    int expected = bits.crc8();
    int stated = (int) bits.unsigned(8);
    bits.checkNotPastEnd();
    if (stated != expected) {
      throw damaged("CRC-8 is %02x, the block's header gives %02x", stated, expected);
    }
    int channels = assignment < LEFT_SIDE ? assignment + 1 : 2;
    if (reserved || length == 0 || assignment > MID_SIDE || bitsOfSample < 0) {
      throw damaged("a block whose header has reserved values");
    }
    if (channels != header.channels()
        || rate != header.sampleRate()
        || bitsOfSample != header.bits()) {
      throw damaged(
          "a block of %d channels, %d Hz, %d bits in a stream of %d channels, %d Hz, %d bits",
          channels, rate, bitsOfSample, header.channels(), header.sampleRate(), header.bits());
    }
    firstFrame = variable ? number : number * header.maxBlock();
    return assignment;
  }

  /** The number of a block or frame, coded as UTF-8 codes characters, in up to seven bytes. */
  private long readNumber() throws IOException {
    int first = (int) bits.unsigned(8);
    int ones = Integer.numberOfLeadingZeros(~(first << 24));
    if (ones == 1 || ones == 8) {
      throw damaged("a block with the number 0x%02x", first);
    }
    long number = first & 0x7f >>> ones;
    for (int i = 1; i < ones; i++) {
      int next = (int) bits.unsigned(8);
      if ((next & 0xc0) != 0x80) {
        throw damaged("a block with a number that holds 0x%02x", next);
      }
      number = (number << 6) | (next & 0x3f);
    }
    return number;
  }

  private int readRate(int code) throws IOException {
    return switch (code) {
      case 0 -> header.sampleRate();
      case 1 -> 88_200;
      case 2 -> 176_400;
      case 3 -> 192_000;
      case 4 -> 8_000;
      case 5 -> 16_000;
      case 6 -> 22_050;
      case 7 -> 24_000;
      case 8 -> 32_000;
      case 9 -> 44_100;
      case 10 -> 48_000;
      case 11 -> 96_000;
      case 12 -> 1000 * (int) bits.unsigned(8);
      case 13 -> (int) bits.unsigned(16);
      case 14 -> 10 * (int) bits.unsigned(16);
      default -> throw damaged("a block with a reserved sample rate");
    };
  }

  private void readSubframe(long[] x, int sampleBits) throws IOException {
    if (bits.unsigned(1) != 0) {
      throw damaged("a channel that does not start with a zero");
    }
    int type = (int) bits.unsigned(6);
    int wasted = bits.unsigned(1) == 0 ? 0 : (int) Math.min(bits.unary() + 1, sampleBits);
    int width = sampleBits - wasted;
    if (width == 0) {
      throw damaged("a channel with all of its %d bits wasted", sampleBits);
    }
    if (type == 0) {
      Arrays.fill(x, 0, length, bits.signed(width));
    } else if (type == 1) {
      readVerbatim(x, 0, length, width);
    } else if (type >= 8 && type <= 12) {
      readFixed(x, type - 8, width);
    } else if (type >= 32) {
      readLinear(x, type - 31, width);
    } else {
      throw damaged("a channel of the reserved type %d", type);
    }
    for (int i = 0; wasted > 0 && i < length; i++) {
      x[i] <<= wasted;
    }
  }

  private void readVerbatim(long[] x, int from, int to, int width) throws IOException {
    for (int i = from; i < to; i++) {
      x[i] = bits.signed(width);
    }
  }

  private void readFixed(long[] x, int order, int width) throws IOException {
    readWarmUp(x, order, width);
    for (int j = 0; j < order; j++) {
      coefficients[j] = FIXED[order][j];
    }
    readResiduals(x, order);
    predict(x, order, 0);
  }

  private void readLinear(long[] x, int order, int width) throws IOException {
    readWarmUp(x, order, width);
    int precision = (int) bits.unsigned(4) + 1;
    int shift = (int) bits.signed(5);
    if (precision == 16 || shift < 0) {
      throw damaged("a predictor of precision %d and shift %d", precision, shift);
    }
    for (int j = 0; j < order; j++) {
      coefficients[j] = bits.signed(precision);
    }
    readResiduals(x, order);
    predict(x, order, shift);
  }

  private void readWarmUp(long[] x, int order, int width) throws IOException {
    if (order > length) {
      throw damaged("a predictor of order %d in a block of %d frames", order, length);
    }
    readVerbatim(x, 0, order, width);
  }

  /** Differences from the prediction, in partitions of equal length with a Rice code each. */
  private void readResiduals(long[] x, int order) throws IOException {
    int method = (int) bits.unsigned(2);
    int partitions = 1 << bits.unsigned(4);
    int size = length / partitions;
    if (method > 1 || size * partitions != length || size < order) {
      throw damaged(
          "residuals by method %d in %d partitions of %d frames at order %d",
          method, partitions, length, order);
    }
    int parameterBits = method == 0 ? 4 : 5;
    int escape = (1 << parameterBits) - 1;
    for (int p = 0; p < partitions; p++) {
      int from = p == 0 ? order : p * size;
      int to = (p + 1) * size;
      int parameter = (int) bits.unsigned(parameterBits);
      if (parameter == escape) {
        readVerbatim(x, from, to, (int) bits.unsigned(5));
      } else {
        bits.rice(parameter, x, from, to);
      }
    }
  }

  /** Adds to each residual the prediction from the {@code order} samples before it. */
  private void predict(long[] x, int order, int shift) {
    for (int i = order; i < length; i++) {
      long sum = 0;
      for (int j = 0; j < order; j++) {
        sum += coefficients[j] * x[i - 1 - j];
      }
      x[i] += sum >> shift;
    }
  }

  private void restoreStereo(int assignment, long[] a, long[] b) {
    for (int i = 0; i < length; i++) {
      switch (assignment) {
        case LEFT_SIDE -> b[i] = a[i] - b[i];
        case SIDE_RIGHT -> a[i] += b[i];
        default -> {
          long side = b[i];
          long sum = (a[i] << 1) | (side & 1);
          a[i] = (sum + side) >> 1;
          b[i] = (sum - side) >> 1;
        }
      }
    }
  }

  private AudioFormatException damaged(String pattern, Object... arguments) {
    return new AudioFormatException(source.name(), start, pattern, arguments);
  }
}
