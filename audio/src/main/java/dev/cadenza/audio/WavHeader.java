package dev.cadenza.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Walks the chunks of a WAV file until it knows the encoding and where the samples are.
 *
 * <p>Containers: RIFF, its big-endian twin RIFX, RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088: sizes
 * beyond 4 GB in a {@code ds64} chunk), and Sony Wave64 (GUIDs that start with the four letters,
 * 64-bit sizes that include their own header, chunks aligned to 8 bytes). No size is believed
 * further than the file reaches.
 */
final class WavHeader {

  private static final long UNSTATED_32 = 0xffff_ffffL;
  private static final long UNSTATED = -1;
  private static final int MAX_CHUNKS = 10_000;
  private static final int ALIGNMENT_BLOCK = 1 << 16;
  private static final Set<String> FIRST_LETTERS = Set.of("RIFF", "RIFX", "RF64", "BW64", "riff");
  private static final Set<String> COMMON_CHUNKS =
      Set.of(
          "fmt ", "data", "fact", "LIST", "FLLR", "JUNK", "PAD ", "bext", "cue ", "ds64", "id3 ");

  private final ByteSource source;
  private final boolean wave64;
  private final ByteOrder order;
  private final String format;
  private final int firstChunk;
  private long riffEnd;
  private long longDataSize = UNSTATED;
  private @Nullable WavFmt fmt;
  private @Nullable Data data;

  /** The {@code data} chunk: where it and its first sample are, how long it says it is. */
  private record Data(long position, long start, long size) {}

  private WavHeader(ByteSource source, String id) {
    this.source = source;
    this.wave64 = id.equals("riff");
    this.format = wave64 ? "W64" : id.startsWith("RIF") ? "WAV" : id;
    this.order = id.equals("RIFX") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    this.firstChunk = wave64 ? 40 : 12;
  }

  /** Whether a file with these first four letters is a WAV of any kind. */
  static boolean matches(String id) {
    return FIRST_LETTERS.contains(id);
  }

  /** Reads the header of a file that starts with the four letters {@code id}. */
  static AudioReader open(ByteSource source, String id) throws IOException {
    WavHeader header = new WavHeader(source, id);
    header.readPreamble();
    return header.walkChunks();
  }

  private void readPreamble() throws IOException {
    ByteBuffer preamble = ByteBuffer.wrap(source.read(0, firstChunk)).order(order);
    if (preamble.capacity() < firstChunk) {
      throw new AudioFormatException(
          source.name(),
          preamble.capacity(),
          "the header is cut: the file ends after %d bytes",
          preamble.capacity());
    }
    int typeAt = wave64 ? 24 : 8;
    String type = Text.fourLetters(preamble.array(), typeAt);
    if (!type.equals(wave64 ? "wave" : "WAVE")) {
      throw new AudioFormatException(
          source.name(), typeAt, "RIFF file of type %s, expected \"WAVE\"", Text.quoted(type));
    }
    long size = Integer.toUnsignedLong(preamble.getInt(4));
    riffEnd = wave64 ? preamble.getLong(16) : size == UNSTATED_32 ? 0 : 8 + size;
  }

  private AudioReader walkChunks() throws IOException {
    long position = firstChunk;
    for (int count = 0; count < MAX_CHUNKS; count++) {
      long end = readChunk(position);
      WavFmt f = fmt;
      Data d = data;
      if (f != null && d != null) {
        return reader(f, d);
      }
      String missing = Text.quoted(f == null ? "fmt " : "data");
      if (end > source.size()) {
        throw new AudioFormatException(
            source.name(),
            position,
            "a chunk ends at byte %d, the file at %d, and no %s chunk came before",
            end,
            source.size(),
            missing);
      }
      if (end == source.size()) {
        throw new AudioFormatException(
            source.name(), end, "the header is cut: the file ends without a %s chunk", missing);
      }
      position = next(end);
    }
    throw new AudioFormatException(
        source.name(), position, "no audio in the first %d chunks", MAX_CHUNKS);
  }

  /** Reads the chunk at {@code position} and returns where it says that it ends. */
  private long readChunk(long position) throws IOException {
    int headerBytes = wave64 ? 24 : 8;
    ByteBuffer header = ByteBuffer.wrap(source.read(position, headerBytes)).order(order);
    if (header.capacity() < headerBytes) {
      throw new AudioFormatException(
          source.name(),
          position,
          "the header is cut: the file ends inside a chunk's name or size");
    }
    String id = Text.fourLetters(header.array(), 0);
    if (!isChunkId(id)) {
      throw new AudioFormatException(
          source.name(), position, "expected the name of a chunk, found %s", Text.quoted(id));
    }
    long size = wave64 ? header.getLong(16) - 24 : Integer.toUnsignedLong(header.getInt(4));
    if (size < 0) {
      throw new AudioFormatException(
          source.name(), position, "chunk %s says a size of %d", Text.quoted(id), size + 24);
    }
    long start = position + headerBytes;
    if (id.equals("fmt ") && fmt == null) {
      fmt = WavFmt.read(source, start, size, order);
    } else if (id.equals("ds64")) {
      readDs64(start);
    } else if (id.equals("data") && data == null) {
      boolean elsewhere = !wave64 && size == UNSTATED_32;
      data = new Data(position, start, elsewhere ? longDataSize : size);
    }
    return size > Long.MAX_VALUE - start ? Long.MAX_VALUE : start + size;
  }

  private void readDs64(long start) throws IOException {
    ByteBuffer b = ByteBuffer.wrap(source.read(start, 16)).order(order);
    if (b.capacity() == 16 && b.getLong(8) >= 0) {
      longDataSize = b.getLong(8);
    }
  }

  /**
   * Where the chunk behind one that ends at {@code end} starts. Chunks start at even positions, and
   * at multiples of 8 in Wave64; some writers forget the pad byte.
   */
  private long next(long end) throws IOException {
    if (wave64) {
      return (end + 7) & ~7L;
    }
    if ((end & 1) == 0) {
      return end;
    }
    byte[] bytes = source.read(end, 5);
    boolean unpadded =
        isChunkId(Text.fourLetters(bytes, 0))
            && !COMMON_CHUNKS.contains(Text.fourLetters(bytes, 1));
    return unpadded ? end : end + 1;
  }

  private AudioReader reader(WavFmt f, Data d) throws IOException {
    PcmCodec codec = f.codec(source.name(), order);
    int frameBytes = codec.bytes() * f.channels();
    long held = source.size() - d.start;
    long size = isOpenEnded(d) ? held : d.size;
    long bytes = Math.min(size, held);
    if (codec.paddingBits() > 0 && isRightAligned(codec, d.start, bytes)) {
      codec = codec.withRightAligned();
    }
    AudioInfo info =
        new AudioInfo(
            format, codec.description(), f.sampleRate(), f.channels(), bytes / frameBytes);
    PcmReader reader = new PcmReader(source, d.start, codec, info);
    String warning = f.warning();
    if (warning != null) {
      reader.warn(warning);
    }
    double bytesPerSecond = (double) frameBytes * f.sampleRate();
    if (size > held) {
      reader.warn(
          Text.format(
              "the data chunk at byte %d says %d bytes, the file holds %d:"
                  + " %.2f s of %.2f s are missing",
              d.position, size, held, (size - held) / bytesPerSecond, size / bytesPerSecond));
    } else if (bytes % frameBytes != 0) {
      reader.warn(
          Text.format(
              "the data chunk at byte %d ends inside a frame of %d bytes: %d bytes are left out",
              d.position, frameBytes, bytes % frameBytes));
    }
    return reader;
  }

  /** A writer that could not seek back leaves a data size of all ones, or none at all. */
  private boolean isOpenEnded(Data d) {
    return d.size == UNSTATED || (d.size == 0 && riffEnd <= d.start);
  }

  /**
   * Whether narrow samples sit at the low end of their bytes. The specification wants them at the
   * high end, with zeros below, but some writers do otherwise; the first block that is not silent
   * tells: low bits in use, and nothing but zeros or copies of the sign in the high ones.
   */
  private boolean isRightAligned(PcmCodec codec, long start, long length) throws IOException {
    int bytes = codec.bytes();
    int padding = (1 << codec.paddingBits()) - 1;
    int block = ALIGNMENT_BLOCK / bytes * bytes;
    for (long at = start; at < start + length; at += block) {
      byte[] samples = source.read(at, (int) Math.min(block, start + length - at));
      int used = 0;
      for (int p = 0; p + bytes <= samples.length; p += bytes) {
        int value = codec.unsigned(samples, p);
        int high = value >>> codec.bits();
        if (high != 0 && high != padding) {
          return false;
        }
        used |= value;
      }
      if (used != 0) {
        return (used & padding) != 0;
      }
    }
    return false;
  }

  private static boolean isChunkId(String id) {
    return id.length() == 4 && id.chars().allMatch(Text::isPrintable);
  }
}
