package dev.cadenza.audio;

import java.io.EOFException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;

/**
 * Reads FLAC. Each block's checksums are verified, and when the stream was read from its first
 * frame to its last, the MD5 of all samples too.
 */
final class FlacReader extends AudioReader {

  private final ByteSource source;
  private final FlacHeader header;
  private final AudioInfo info;
  private final FlacBlock block;
  private final float scale;
  private final MessageDigest md5;
  private byte[] digested = new byte[0];

  /** Whether {@link #md5} has seen all samples so far, and the header says what it should be. */
  private boolean digesting;

  /** Frames of the block that were given out, of those that it has. */
  private int used;

  private int available;
  private long position;
  private boolean ended;

  private FlacReader(ByteSource source, FlacHeader header) {
    this.source = source;
    this.header = header;
    this.info =
        new AudioInfo(
            "FLAC",
            header.bits() + "-bit PCM",
            header.sampleRate(),
            header.channels(),
            header.frames() == 0 ? AudioInfo.UNKNOWN : header.frames());
    this.block = new FlacBlock(source, header);
    this.scale = 2f / (1L << header.bits());
    this.md5 = newMd5();
    this.digesting = !Arrays.equals(header.md5(), new byte[16]);
  }

  private static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has MD5", e);
    }
  }

  /** Opens a file whose letters {@code fLaC} are at {@code start}. */
  static FlacReader open(ByteSource source, long start) throws IOException {
    return new FlacReader(source, FlacHeader.read(source, start));
  }

  @Override
  public AudioInfo info() {
    return info;
  }

  @Override
  int decode(float[][] out, int offset, int frames) throws IOException {
    int done = 0;
    while (done < frames && (used < available || nextBlock())) {
      int n = Math.min(frames - done, available - used);
      for (int c = 0; c < out.length; c++) {
        scale(block.samples()[c], used, n, out[c], offset + done);
      }
      use(n);
      done += n;
    }
    return done;
  }

  private void scale(long[] x, int from, int count, float[] y, int to) {
    for (int i = 0; i < count; i++) {
      y[to + i] = (int) x[from + i] * scale;
    }
  }

  @Override
  public long skip(long frames) throws IOException {
    long start = position;
    long target = frames > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + frames;
    seekTowards(target);
    while (position < target && (used < available || nextBlock())) {
      use((int) Math.min(target - position, available - used));
    }
    return position - start;
  }

  private void use(int frames) {
    used += frames;
    position += frames;
  }

  /** Jumps to the last point of the seek table before {@code target} that lies ahead. */
  private void seekTowards(long target) throws IOException {
    long[] points = header.seekPoints();
    int best = -1;
    for (int i = 0; i < points.length; i += 2) {
      boolean ahead = points[i] > position - used + available && points[i] <= target;
      ahead &= info.frames() == AudioInfo.UNKNOWN || points[i] < info.frames();
      if (ahead && (best < 0 || points[i] > points[best])) {
        best = i;
      }
    }
    if (best >= 0 && !startsAt(points[best], header.firstFrame() + points[best + 1])) {
      // A wrong table costs time, no more: from the first block every frame is found.
      block.seek(header.firstFrame());
      position = 0;
      available = 0;
    }
  }

  /**
   * Whether the block at {@code bytePosition} could be read and starts with frame {@code frame}.
   */
  private boolean startsAt(long frame, long bytePosition) throws IOException {
    digesting = false;
    used = 0;
    if (bytePosition < header.firstFrame() || bytePosition >= source.size()) {
      return false;
    }
    block.seek(bytePosition);
    try {
      if (!block.read() || block.firstFrame() != frame) {
        return false;
      }
    } catch (AudioFormatException | EOFException e) {
      return false;
    }
    position = frame;
    available = block.length();
    return true;
  }

  /** Reads the next block; false at the end of the stream. */
  private boolean nextBlock() throws IOException {
    if (ended) {
      return false;
    }
    used = 0;
    available = 0;
    boolean cut = false;
    try {
      boolean complete = info.frames() != AudioInfo.UNKNOWN && position >= info.frames();
      ended = complete || !block.read();
    } catch (EOFException e) {
      ended = true;
      cut = true;
    }
    if (ended) {
      finish(cut);
      return false;
    }
    available = block.length();
    if (digesting) {
      digest();
    }
    return true;
  }

  private void finish(boolean cut) throws AudioFormatException {
    if (position < info.frames()) {
      warnOfMissing(position);
    } else if (cut) {
      warn("the file ends inside a block, which is left out");
    } else if (digesting && !Arrays.equals(md5.digest(), header.md5())) {
      throw new AudioFormatException(
          source.name(),
          header.firstFrame(),
          "the decoded samples do not have the MD5 that the header says");
    }
  }

  /** The MD5 is over samples of whole bytes, the lowest byte first, interleaved. */
  private void digest() {
    int bytes = (header.bits() + 7) / 8;
    int stride = bytes * header.channels();
    if (digested.length < block.length() * stride) {
      digested = new byte[block.length() * stride];
    }
    for (int c = 0; c < header.channels(); c++) {
      long[] x = block.samples()[c];
      for (int i = 0, p = c * bytes; i < block.length(); i++, p += stride) {
        for (int k = 0; k < bytes; k++) {
          digested[p + k] = (byte) (x[i] >> (8 * k));
        }
      }
    }
    md5.update(digested, 0, block.length() * stride);
  }

  @Override
  long provenFrames() {
    return AudioInfo.UNKNOWN;
  }

  @Override
  public void close() throws IOException {
    source.close();
  }
}
