package dev.cadenza.audio;

import dev.cadenza.audio.PcmCodec.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioFormat.Encoding;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import javax.sound.sampled.spi.AudioFileReader;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@code javax.sound.sampled} reads: AIFF and AU by the JDK itself, other formats by
 * providers on the classpath. What is neither PCM nor G.711 is converted to 16-bit PCM by them.
 */
final class SoundReader extends AudioReader {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final Map<Encoding, Kind> KINDS =
      Map.of(
          Encoding.PCM_SIGNED, Kind.SIGNED,
          Encoding.PCM_UNSIGNED, Kind.UNSIGNED,
          Encoding.PCM_FLOAT, Kind.FLOAT,
          Encoding.ALAW, Kind.A_LAW,
          Encoding.ULAW, Kind.MU_LAW);

  private final ByteSource source;
  private final AudioInputStream stream;
  private final AudioInfo info;
  private final PcmCodec codec;
  private final ByteBuffer buffer;
  private long position;
  private boolean ended;

  private SoundReader(ByteSource source, AudioInputStream stream, PcmCodec codec, AudioInfo info) {
    int frameBytes = codec.bytes() * info.channels();
    this.source = source;
    this.stream = stream;
    this.codec = codec;
    this.info = info;
    this.buffer = ByteBuffer.allocate(Math.max(1, BUFFER_BYTES / frameBytes) * frameBytes);
  }

  /** Opens a file of a kind that is not read here. */
  static SoundReader open(ByteSource source) throws IOException {
    List<Exception> failures = new ArrayList<>();
    // AudioSystem asks the same providers, but gives up at the first that trips over a stranger.
    for (AudioFileReader provider : ServiceLoader.load(AudioFileReader.class)) {
      try {
        String type = provider.getAudioFileFormat(source.stream()).getType().toString();
        return open(source, provider.getAudioInputStream(source.stream()), type);
      } catch (AudioFormatException e) {
        throw e;
      } catch (UnsupportedAudioFileException | IOException | RuntimeException e) {
        failures.add(e);
      }
    }
    byte[] head = source.read(0, 16);
    String kind = Text.kindOfFile(head);
    String found =
        kind.isEmpty()
            ? "starts with " + Text.quoted(Text.fourLetters(head, 0))
            : kind + " audio that no javax.sound provider on the classpath reads";
    AudioFormatException e =
        new AudioFormatException(
            source.name(), 0, "%s, expected WAV, W64, FLAC, AIFF or AU", found);
    failures.forEach(e::addSuppressed);
    throw e;
  }

  private static SoundReader open(ByteSource source, AudioInputStream stream, String type)
      throws IOException {
    AudioFormat format = stream.getFormat();
    String encoding = format.getEncoding().toString();
    AudioInputStream decoded = stream;
    PcmCodec codec = codec(format);
    if (codec == null) {
      decoded = AudioSystem.getAudioInputStream(sixteenBits(format), stream);
      codec = PcmCodec.of(Kind.SIGNED, 2, ByteOrder.LITTLE_ENDIAN);
    } else {
      encoding = codec.description();
    }
    int channels = decoded.getFormat().getChannels();
    float rate = decoded.getFormat().getSampleRate();
    if (channels < 1 || channels > 0xffff || !(rate >= 1)) {
      throw new AudioFormatException(
          source.name(),
          0,
          "%d channels at %s Hz, expected 1 to 65535 at 1 Hz or more",
          channels,
          rate);
    }
    long frames = Math.max(AudioInfo.UNKNOWN, decoded.getFrameLength());
    AudioInfo info = new AudioInfo(type, encoding, Math.round(rate), channels, frames);
    return new SoundReader(source, decoded, codec, info);
  }

  private static AudioFormat sixteenBits(AudioFormat format) {
    return new AudioFormat(format.getSampleRate(), 16, format.getChannels(), true, false);
  }

  /** How samples are kept, or null if providers have to convert them. */
  static @Nullable PcmCodec codec(AudioFormat format) {
    Kind kind = KINDS.get(format.getEncoding());
    int bits = format.getSampleSizeInBits();
    int bytes = (bits + 7) / 8;
    if (kind == null || format.getFrameSize() != bytes * format.getChannels()) {
      return null;
    }
    ByteOrder order = format.isBigEndian() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    PcmCodec codec = new PcmCodec(kind, bytes, bits, order, false);
    return codec.isKnown() ? codec : null;
  }

  @Override
  public AudioInfo info() {
    return info;
  }

  @Override
  int decode(float[][] block, int offset, int frames) throws IOException {
    int frameBytes = codec.bytes() * info.channels();
    int done = 0;
    while (done < frames && !ended) {
      int wanted = Math.min(frames - done, buffer.capacity() / frameBytes);
      int n = fill(wanted * frameBytes) / frameBytes;
      codec.decode(buffer, n, block, offset + done);
      done += n;
      position += n;
      if (n < wanted) {
        finish();
      }
    }
    return done;
  }

  private int fill(int bytes) throws IOException {
    int done = 0;
    try {
      while (done < bytes) {
        int n = stream.read(buffer.array(), done, bytes - done);
        if (n <= 0) {
          break;
        }
        done += n;
      }
    } catch (IOException | RuntimeException e) {
      AudioFormatException refused =
          new AudioFormatException(
              source.name(), 0, "the javax.sound provider fails: %s", Text.oneLine(e));
      refused.initCause(e);
      throw refused;
    }
    return done;
  }

  private void finish() {
    ended = true;
    if (position < info.frames()) {
      warnOfMissing(position);
    }
  }

  @Override
  long provenFrames() {
    return AudioInfo.UNKNOWN;
  }

  @Override
  public void close() throws IOException {
    try (source) {
      stream.close();
    }
  }
}
