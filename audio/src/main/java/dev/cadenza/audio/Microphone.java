package dev.cadenza.audio;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.Line;
import javax.sound.sampled.LineUnavailableException;
import javax.sound.sampled.Mixer;
import javax.sound.sampled.TargetDataLine;

/**
 * Sound as it is being recorded, through {@code javax.sound.sampled}, read like a file that does
 * not end:
 *
 * <pre>{@code
 * try (Microphone microphone = Microphone.open(16000, 1)) {
 *   float[][] block = new float[1][1600];
 *   for (int n = microphone.read(block, 1600); n > 0; n = microphone.read(block, 1600)) {
 *     ...
 *   }
 * }
 * }</pre>
 *
 * <p>{@code read} waits until all frames asked for are there, so the delay is the length of the
 * block, 0.1 s above, and what the system adds. What is not read in time waits in the line's
 * buffer, {@link #bufferSeconds()} long; what no longer fits there is lost, which {@link
 * #warnings()} then says.
 *
 * <p>One thread reads. {@link #close()} may be called by any thread; it ends a waiting {@code
 * read}, which returns what it has.
 */
public final class Microphone extends AudioReader {

  private static final int BITS = 16;
  private static final int BUFFER_BYTES = 1 << 14;

  private final TargetDataLine line;
  private final AudioInfo info;
  private final PcmCodec codec;
  private final int frameBytes;
  private final ByteBuffer buffer;
  private volatile boolean ended;

  /** Where lines come from. */
  @FunctionalInterface
  interface Lines {
    TargetDataLine line(AudioFormat format) throws LineUnavailableException;
  }

  private Microphone(TargetDataLine line, PcmCodec codec) {
    AudioFormat format = line.getFormat();
    int rate = Math.round(format.getSampleRate());
    this.line = line;
    this.codec = codec;
    info =
        new AudioInfo(
            "microphone", codec.description(), rate, format.getChannels(), AudioInfo.UNKNOWN);
    frameBytes = codec.bytes() * info.channels();
    buffer = ByteBuffer.allocate(Math.max(1, BUFFER_BYTES / frameBytes) * frameBytes);
  }

  /**
   * Starts to record from the system's default input, 16 bits a sample.
   *
   * @param sampleRate in Hz
   * @param channels number of channels
   * @throws IOException if there is no such input, or another program has it
   */
  public static Microphone open(int sampleRate, int channels) throws IOException {
    return open(sampleRate, channels, AudioSystem::getTargetDataLine);
  }

  static Microphone open(int sampleRate, int channels, Lines lines) throws IOException {
    AudioFormat format = new AudioFormat(sampleRate, BITS, channels, true, false);
    try {
      return of(lines.line(format));
    } catch (IllegalArgumentException e) { // how AudioSystem says that there is none
      throw new IOException(noLine(format, inputs()), e);
    } catch (LineUnavailableException e) {
      throw inUse(format, e);
    }
  }

  /**
   * Starts to record from a line of the caller's choice, which is opened with its default format
   * unless it is open, and closed with this.
   *
   * @throws IOException if another program has it, or its samples are not PCM of 1 to 4 whole bytes
   */
  public static Microphone of(TargetDataLine line) throws IOException {
    PcmCodec codec = SoundReader.codec(line.getFormat());
    if (codec == null) {
      throw new IOException(
          "microphone: samples are " + line.getFormat() + ", expected PCM of 8, 16, 24 or 32 bits");
    }
    try {
      if (!line.isOpen()) {
        line.open(line.getFormat());
      }
    } catch (LineUnavailableException e) {
      throw inUse(line.getFormat(), e);
    }
    line.start();
    return new Microphone(line, codec);
  }

  private static String describe(AudioFormat format) {
    int channels = format.getChannels();
    return Text.format(
        "%d %s of %d-bit PCM at %.0f Hz",
        channels,
        channels == 1 ? "channel" : "channels",
        format.getSampleSizeInBits(),
        format.getSampleRate());
  }

  static String noLine(AudioFormat format, List<String> inputs) {
    return "microphone: no input gives "
        + describe(format)
        + (inputs.isEmpty()
            ? ": this machine has none that Java can see"
            : ", there are " + String.join(", ", inputs));
  }

  private static IOException inUse(AudioFormat format, LineUnavailableException e) {
    return new IOException(
        "microphone: the input for "
            + describe(format)
            + " cannot be opened, another program may have it: "
            + Text.oneLine(e),
        e);
  }

  /** The names of all devices that record. */
  private static List<String> inputs() {
    Line.Info recording = new Line.Info(TargetDataLine.class);
    return Arrays.stream(AudioSystem.getMixerInfo())
        .filter(mixer -> AudioSystem.getMixer(mixer).isLineSupported(recording))
        .map(Mixer.Info::getName)
        .toList();
  }

  @Override
  public AudioInfo info() {
    return info;
  }

  /** How much can wait to be read, in seconds, before samples are lost. */
  public double bufferSeconds() {
    return (double) line.getBufferSize() / frameBytes / info.sampleRate();
  }

  @Override
  int decode(float[][] block, int offset, int frames) {
    int done = 0;
    while (done < frames && !ended) {
      warnIfFull();
      int wanted = Math.min(frames - done, buffer.capacity() / frameBytes);
      int n = Math.max(0, line.read(buffer.array(), 0, wanted * frameBytes)) / frameBytes;
      codec.decode(buffer, n, block, offset + done);
      done += n;
      ended |= n < wanted; // somebody stopped or closed the line
    }
    return done;
  }

  private void warnIfFull() {
    if (warnings().isEmpty() && line.available() >= line.getBufferSize()) {
      warn(
          Text.format(
              "samples were lost: they were not read before the buffer of %.2f s was full",
              bufferSeconds()));
    }
  }

  @Override
  long provenFrames() {
    return AudioInfo.UNKNOWN;
  }

  @Override
  public void close() {
    ended = true;
    line.stop();
    line.close();
  }
}
