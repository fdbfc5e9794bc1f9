package dev.cadenza.audio;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Frames of fixed size that lie one after another in a file. */
final class PcmReader extends AudioReader {

  private static final int BUFFER_BYTES = 1 << 16;

  private final ByteSource source;
  private final AudioInfo info;
  private final PcmCodec codec;
  private final long start;
  private final int frameBytes;
  private final ByteBuffer buffer;
  private long position;

  /**
   * @param start position of the first frame, in bytes
   * @param info whose number of frames has been checked against the size of the source
   */
  PcmReader(ByteSource source, long start, PcmCodec codec, AudioInfo info) {
    this.source = source;
    this.start = start;
    this.codec = codec;
    this.info = info;
    this.frameBytes = codec.bytes() * info.channels();
    long framesHeld = Math.max(1, Math.min(BUFFER_BYTES / frameBytes, info.frames()));
    this.buffer = ByteBuffer.allocate((int) framesHeld * frameBytes);
  }

  @Override
  public AudioInfo info() {
    return info;
  }

  @Override
  int decode(float[][] block, int offset, int frames) throws IOException {
    int wanted = (int) Math.min(frames, info.frames() - position);
    int done = 0;
    while (done < wanted) {
      int n = Math.min(wanted - done, buffer.capacity() / frameBytes);
      long at = start + position * frameBytes;
      int bytes = source.read(at, buffer.array(), 0, n * frameBytes);
      if (bytes < n * frameBytes) {
        throw new AudioFormatException(
            source.name(), at + bytes, "the file became shorter while it was being read");
      }
      codec.decode(buffer, n, block, offset + done);
      position += n;
      done += n;
    }
    return done;
  }

  @Override
  public long skip(long frames) {
    long n = Math.max(0, Math.min(frames, info.frames() - position));
    position += n;
    return n;
  }

  @Override
  long provenFrames() {
    return info.frames() - position;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
