package dev.cadenza.audio;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes audio files.
 *
 * <p>The content decides what a file is, not its name. Integer samples are divided by 2^(bits - 1),
 * as librosa and soundfile do: 16-bit PCM by 32768. Samples that are NaN or infinite in a float
 * file are given as they are.
 *
 * <p>{@code read} logs what was wrong in a file that could be read all the same; {@code decode}
 * returns it as data. All methods are thread-safe; an {@link AudioReader} is not.
 */
public final class AudioFile {

  private static final Logger log = LoggerFactory.getLogger(AudioFile.class);

  /** Samples for which memory is taken before a file has proved to hold them: 4 MB. */
  private static final int UNPROVEN_FLOATS = 1 << 20;

  /** What providers may read is among them. */
  private static final Set<String> EXTENSIONS =
      Set.of("wav", "wave", "w64", "flac", "mp3", "ogg", "opus", "m4a", "aac", "aif", "aiff", "au");

  private AudioFile() {}

  /**
   * Reads a whole file.
   *
   * @throws AudioFormatException if it is not audio, is damaged or of an unknown kind
   * @throws java.nio.file.NoSuchFileException if there is no such file
   */
  public static Audio read(Path file) throws IOException {
    return logged(file.toString(), decode(file));
  }

  /**
   * Reads the part of a file that starts {@code offsetSeconds} in and lasts {@code
   * durationSeconds}, without loading the rest; see {@link Audio#slice} for how they are rounded.
   */
  public static Audio read(Path file, double offsetSeconds, double durationSeconds)
      throws IOException {
    return logged(file.toString(), decode(file, offsetSeconds, durationSeconds));
  }

  /**
   * Reads a whole stream, an entry of a zip file for example. It is not closed.
   *
   * @param name as messages shall call it
   */
  public static Audio read(InputStream in, String name) throws IOException {
    return logged(name, decode(in, name));
  }

  /** {@link #read(Path)} that returns warnings instead of logging them. */
  public static Decoded decode(Path file) throws IOException {
    return decode(file, 0, Double.POSITIVE_INFINITY);
  }

  /** {@link #read(Path, double, double)} that returns warnings instead of logging them. */
  public static Decoded decode(Path file, double offsetSeconds, double durationSeconds)
      throws IOException {
    try (AudioReader reader = open(file)) {
      int rate = reader.info().sampleRate();
      return readAll(reader, Span.of(offsetSeconds, durationSeconds, rate), file.toString());
    }
  }

  /** {@link #read(InputStream, String)} that returns warnings instead of logging them. */
  public static Decoded decode(InputStream in, String name) throws IOException {
    try (AudioReader reader = open(ByteSource.read(in, name))) {
      return readAll(reader, Span.ALL, name);
    }
  }

  /** What the header of a file says, without decoding. */
  public static AudioInfo info(Path file) throws IOException {
    try (AudioReader reader = open(file)) {
      return reader.info();
    }
  }

  /** Opens a file to be read a block at a time. */
  public static AudioReader open(Path file) throws IOException {
    return open(ByteSource.open(file));
  }

  /**
   * The files in a folder and below it whose names end as audio does, hidden ones left out, in the
   * order of their paths.
   *
   * @throws IOException if the folder, or one below it, cannot be read
   */
  public static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> below = Files.walk(folder)) {
      return below.filter(file -> Files.isRegularFile(file) && isAudio(file)).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean isAudio(Path file) {
    String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
    return !name.startsWith(".") && EXTENSIONS.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  /**
   * Writes a WAV file, replacing what was there; see {@link WavWriter} for rounding and clipping.
   */
  public static void writeWav(Path file, Audio audio, WavEncoding encoding) throws IOException {
    WavWriter.write(file, audio, encoding);
  }

  private static AudioReader open(ByteSource source) throws IOException {
    try {
      return recognise(source);
    } catch (IOException | RuntimeException e) {
      source.close();
      throw e;
    }
  }

  private static AudioReader recognise(ByteSource source) throws IOException {
    String id = Text.fourLetters(source.read(0, 4), 0);
    if (id.isEmpty()) {
      throw new AudioFormatException(source.name(), 0, "the file is empty, expected audio");
    }
    if (WavHeader.matches(id)) {
      return WavHeader.open(source, id);
    }
    long content = id.startsWith("ID3") ? endOfId3(source) : 0;
    if (Text.fourLetters(source.read(content, 4), 0).equals("fLaC")) {
      return FlacReader.open(source, content);
    }
    return SoundReader.open(source);
  }

  /** Some programs put an ID3v2 tag of MP3 before other formats; its size is in 7 bits a byte. */
  private static long endOfId3(ByteSource source) throws IOException {
    byte[] head = source.read(0, 10);
    long size = 0;
    for (int i = 6; i < head.length; i++) {
      size = (size << 7) | (head[i] & 0x7f);
    }
    return 10 + size;
  }

  private static Decoded readAll(AudioReader reader, Span span, String name) throws IOException {
    AudioInfo info = reader.info();
    reader.skip(span.start());
    long proven = reader.provenFrames();
    boolean isProven = proven != AudioInfo.UNKNOWN;
    long wanted = isProven ? Math.min(span.length(), proven) : span.length();
    long first = isProven ? wanted : Math.min(wanted, unprovenFrames(info));
    float[][] samples = new float[info.channels()][arrayLength(first, info, name)];
    float[][] probe = new float[info.channels()][1];
    int frames = reader.read(samples, samples[0].length);
    while (frames == samples[0].length && frames < wanted && reader.read(probe, 1) == 1) {
      resize(samples, arrayLength(Math.min(wanted, 2L * frames + 1), info, name));
      for (int c = 0; c < samples.length; c++) {
        samples[c][frames] = probe[c][0];
      }
      frames++;
      frames += reader.read(samples, frames, samples[0].length - frames);
    }
    if (frames < samples[0].length) {
      resize(samples, frames);
    }
    return new Decoded(new Audio(samples, info.sampleRate()), reader.warnings());
  }

  /** The word of a header is good for so much memory. */
  private static long unprovenFrames(AudioInfo info) {
    long most = UNPROVEN_FLOATS / info.channels();
    return info.frames() == AudioInfo.UNKNOWN ? most / 64 : Math.min(most, info.frames());
  }

  /** Refuses what no heap of this size can hold before the virtual machine does. */
  private static int arrayLength(long frames, AudioInfo info, String name) throws IOException {
    long bytes = frames * info.channels() * Float.BYTES;
    long heap = Runtime.getRuntime().maxMemory();
    if (frames > Integer.MAX_VALUE - 8 || bytes > heap) {
      throw new AudioFormatException(
          name,
          0,
          "%d frames of %d channels take %d MB, the heap has %d MB: read a part, or open and stream",
          frames,
          info.channels(),
          bytes >> 20,
          heap >> 20);
    }
    return (int) frames;
  }

  private static void resize(float[][] samples, int frames) {
    for (int c = 0; c < samples.length; c++) {
      samples[c] = Arrays.copyOf(samples[c], frames);
    }
  }

  private static Audio logged(String name, Decoded decoded) {
    decoded.warnings().forEach(warning -> log.warn("{}: {}", name, warning));
    return decoded.audio();
  }
}
