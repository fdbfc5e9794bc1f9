package dev.cadenza.audio;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Writes a WAV file a block at a time. {@link #close} completes the header; a file beyond 4 GB
 * becomes an RF64. Not thread-safe.
 *
 * <p>Samples are multiplied by 2^(bits - 1) and rounded to the nearest integer, ties to even, so
 * that what {@link AudioFile} read from integers is written back unchanged; samples beyond full
 * scale are clipped. Integers have no NaN: writing one is refused.
 */
public final class WavWriter implements Closeable {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final long RIFF_LIMIT = 0xffff_ffffL;
  private static final int DS64_BYTES = 28;
  private static final byte[] GUID_TAIL = {
    0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xaa, 0, 0x38, (byte) 0x9b, 0x71
  };

  private final FileChannel channel;
  private final int sampleRate;
  private final int channels;
  private final WavEncoding encoding;
  private final PcmCodec codec;
  private final boolean reserved;
  private final long riffLimit;
  private final int frameBytes;
  private final ByteBuffer buffer;
  private long frames;

  /**
   * @param reserved whether the header keeps room for the sizes of an RF64
   * @param riffLimit size at which a file becomes an RF64
   */
  WavWriter(
      Path file,
      int sampleRate,
      int channels,
      WavEncoding encoding,
      boolean reserved,
      long riffLimit)
      throws IOException {
    if (sampleRate <= 0) {
      throw new IllegalArgumentException("sampleRate=" + sampleRate + " Hz must be positive");
    }
    if (channels < 1 || channels > 0xffff) {
      throw new IllegalArgumentException("channels=" + channels + " must be 1 to 65535");
    }
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.encoding = encoding;
    this.codec = encoding.codec();
    this.reserved = reserved;
    this.riffLimit = riffLimit;
    this.frameBytes = encoding.bytes() * channels;
    this.buffer =
        ByteBuffer.allocate(Math.max(1, BUFFER_BYTES / frameBytes) * frameBytes)
            .order(ByteOrder.LITTLE_ENDIAN);
    this.channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    writeFully(header());
  }

  /** Creates the file, or empties it, for samples whose number is not yet known. */
  public static WavWriter open(Path file, int sampleRate, int channels, WavEncoding encoding)
      throws IOException {
    return new WavWriter(file, sampleRate, channels, encoding, true, RIFF_LIMIT);
  }

  /** Writes a whole file, with the shortest header that its length allows. */
  static void write(Path file, Audio audio, WavEncoding encoding) throws IOException {
    long bytes = (long) audio.frames() * audio.channelCount() * encoding.bytes();
    boolean large = bytes > RIFF_LIMIT - 1024;
    try (WavWriter writer =
        new WavWriter(
            file, audio.sampleRate(), audio.channelCount(), encoding, large, RIFF_LIMIT)) {
      writer.write(audio.channels(), audio.frames());
    }
  }

  /**
   * Appends the first {@code count} frames of {@code block}.
   *
   * @param block samples [C, count or more]. Not modified.
   * @throws IllegalArgumentException if a sample is NaN and the encoding an integer one
   */
  public void write(float[][] block, int count) throws IOException {
    if (block.length != channels) {
      throw new IllegalArgumentException(
          "write: channels differ, block has " + block.length + ", the file has " + channels);
    }
    for (int from = 0; from < count; ) {
      int n = Math.min(count - from, buffer.capacity() / frameBytes);
      buffer.clear();
      codec.encode(block, from, n, buffer);
      writeFully(buffer.limit(n * frameBytes));
      from += n;
      frames += n;
    }
  }

  /** Writes the sizes into the header and closes the file. */
  @Override
  public void close() throws IOException {
    try (channel) {
      if ((frames * frameBytes & 1) == 1) {
        writeFully(ByteBuffer.allocate(1));
      }
      channel.position(0);
      writeFully(header());
    }
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** The header for the frames written so far. */
  private ByteBuffer header() {
    boolean plainPcm = encoding.tag() == 1;
    boolean extensible = channels > 2;
    int fmtBytes = extensible ? 40 : plainPcm ? 16 : 18;
    int factBytes = plainPcm ? 0 : 12;
    int headerBytes = 12 + (reserved ? 8 + DS64_BYTES : 0) + 8 + fmtBytes + factBytes + 8;
    long dataBytes = frames * frameBytes;
    long riffBytes = headerBytes - 8 + dataBytes + (dataBytes & 1);
    boolean rf64 = reserved && riffBytes > riffLimit;

    ByteBuffer h = ByteBuffer.allocate(headerBytes).order(ByteOrder.LITTLE_ENDIAN);
    letters(h, rf64 ? "RF64" : "RIFF").putInt(rf64 ? -1 : (int) riffBytes);
    letters(h, "WAVE");
    if (reserved) {
      letters(h, rf64 ? "ds64" : "JUNK").putInt(DS64_BYTES);
      h.putLong(rf64 ? riffBytes : 0).putLong(rf64 ? dataBytes : 0).putLong(rf64 ? frames : 0);
      h.putInt(0);
    }
    letters(h, "fmt ").putInt(fmtBytes);
    h.putShort((short) (extensible ? 0xfffe : encoding.tag())).putShort((short) channels);
    h.putInt(sampleRate).putInt((int) Math.min((long) sampleRate * frameBytes, RIFF_LIMIT));
    h.putShort((short) frameBytes).putShort((short) (8 * encoding.bytes()));
    if (fmtBytes > 16) {
      h.putShort((short) (fmtBytes - 18));
    }
    if (extensible) {
      h.putShort((short) (8 * encoding.bytes())).putInt(0);
      h.putShort((short) encoding.tag()).put(GUID_TAIL);
    }
    if (factBytes > 0) {
      letters(h, "fact").putInt(4).putInt(rf64 ? -1 : (int) frames);
    }
    letters(h, "data").putInt(rf64 ? -1 : (int) dataBytes);
    return h.flip();
  }

  private static ByteBuffer letters(ByteBuffer header, String id) {
    return header.put(id.getBytes(StandardCharsets.US_ASCII));
  }
}
