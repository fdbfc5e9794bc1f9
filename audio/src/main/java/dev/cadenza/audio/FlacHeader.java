package dev.cadenza.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * What stands before the first frame of a FLAC file (RFC 9639, section 8): of its metadata only
 * STREAMINFO and the seek table are of use here.
 *
 * @param maxBlock frames in the longest block
 * @param bits of a sample, 4 to 32
 * @param frames in the stream, 0 if unknown
 * @param md5 of all samples, zeros if unknown
 * @param firstFrame position of the first block in the file
 * @param seekPoints pairs of a frame's number and its block's position after {@code firstFrame}
 */
record FlacHeader(
    int maxBlock,
    int sampleRate,
    int channels,
    int bits,
    long frames,
    byte[] md5,
    long firstFrame,
    long[] seekPoints) {

  private static final int STREAMINFO = 0;
  private static final int SEEKTABLE = 3;
  private static final int STREAMINFO_BYTES = 34;
  private static final int SEEK_POINT_BYTES = 18;

  /** One block of metadata: its content's position and size, and whether frames follow it. */
  private record Block(boolean last, int type, long position, int size) {

    static Block read(ByteSource source, long position) throws IOException {
      byte[] head = source.read(position, 4);
      int size = head.length < 4 ? 0 : ByteBuffer.wrap(head).getInt() & 0xffffff;
      if (head.length < 4 || size > source.size() - position - 4) {
        throw new AudioFormatException(
            source.name(), position, "the header is cut: the file ends inside its metadata");
      }
      return new Block((head[0] & 0x80) != 0, head[0] & 0x7f, position + 4, size);
    }

    long end() {
      return position + size;
    }
  }

  /** Reads the header of a file whose letters {@code fLaC} are at {@code start}. */
  static FlacHeader read(ByteSource source, long start) throws IOException {
    Block block = Block.read(source, start + 4);
    if (block.type != STREAMINFO || block.size < STREAMINFO_BYTES) {
      throw new AudioFormatException(
          source.name(),
          block.position,
          "metadata block of type %d and %d bytes, expected STREAMINFO of %d",
          block.type,
          block.size,
          STREAMINFO_BYTES);
    }
    long infoAt = block.position;
    long[] seekPoints = {};
    while (!block.last) {
      block = Block.read(source, block.end());
      if (block.type == SEEKTABLE) {
        seekPoints = seekPoints(ByteBuffer.wrap(source.read(block.position, block.size)));
      }
    }
    ByteBuffer info = ByteBuffer.wrap(source.read(infoAt, STREAMINFO_BYTES));
    return parse(source, info, infoAt, block.end(), seekPoints);
  }

  private static FlacHeader parse(
      ByteSource source, ByteBuffer info, long infoAt, long firstFrame, long[] seekPoints)
      throws AudioFormatException {
    // 20 bits of rate, 3 of channels - 1, 5 of bits - 1, 36 of frames
    long packed = info.getLong(10);
    byte[] md5 = new byte[16];
    info.get(18, md5);
    FlacHeader header =
        new FlacHeader(
            Short.toUnsignedInt(info.getShort(2)),
            (int) (packed >>> 44),
            (int) (packed >>> 41 & 7) + 1,
            (int) (packed >>> 36 & 31) + 1,
            packed & 0xf_ffff_ffffL,
            md5,
            firstFrame,
            seekPoints);
    if (header.sampleRate == 0) {
      throw new AudioFormatException(
          source.name(), infoAt + 10, "sample rate of 0 Hz, expected 1 or more");
    }
    if (header.bits < 4) {
      throw new AudioFormatException(
          source.name(), infoAt + 12, "samples of %d bits, expected 4 to 32", header.bits);
    }
    return header;
  }

  private static long[] seekPoints(ByteBuffer table) {
    long[] points = new long[table.capacity() / SEEK_POINT_BYTES * 2];
    for (int i = 0; i < points.length; i += 2) {
      points[i] = table.getLong(i / 2 * SEEK_POINT_BYTES);
      points[i + 1] = table.getLong(i / 2 * SEEK_POINT_BYTES + 8);
    }
    return points;
  }
}
