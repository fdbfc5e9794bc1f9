package dev.cadenza.audio;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A file's samples from the first to the last, a block at a time: memory does not grow with the
 * file. Not thread-safe.
 *
 * <pre>{@code
 * try (AudioReader reader = AudioFile.open(path)) {
 *   float[][] block = new float[reader.info().channels()][4096];
 *   for (int n = reader.read(block, 4096); n > 0; n = reader.read(block, 4096)) {
 *     ...
 *   }
 * }
 * }</pre>
 */
public abstract class AudioReader implements Closeable {

  private static final int SKIP_BLOCK = 4096;

  private final List<String> warnings = new ArrayList<>();

  AudioReader() {}

  /** What the header says. */
  public abstract AudioInfo info();

  /**
   * Reads the next frames.
   *
   * @param block receives samples [C, frames] from index {@code offset} on. Modified.
   * @param offset first index to fill in each channel
   * @param frames number of frames wanted
   * @return number of frames read, fewer than wanted only at the end, 0 when there are no more
   * @throws AudioFormatException if the file is damaged here
   */
  public final int read(float[][] block, int offset, int frames) throws IOException {
    if (block.length != info().channels()) {
      throw new IllegalArgumentException(
          "read: channels differ, block has "
              + block.length
              + ", the file has "
              + info().channels());
    }
    return decode(block, offset, frames);
  }

  /** {@link #read(float[][], int, int)} into a block of the right number of channels. */
  abstract int decode(float[][] block, int offset, int frames) throws IOException;

  /** {@link #read(float[][], int, int)} from index 0 on. */
  public final int read(float[][] block, int frames) throws IOException {
    return read(block, 0, frames);
  }

  /**
   * Moves on without giving the samples out, by position where the encoding allows it.
   *
   * @return number of frames skipped, fewer than wanted only at the end
   */
  public long skip(long frames) throws IOException {
    if (frames <= 0) {
      return 0;
    }
    float[][] ignored = new float[info().channels()][(int) Math.min(frames, SKIP_BLOCK)];
    long skipped = 0;
    while (skipped < frames) {
      int n = read(ignored, (int) Math.min(frames - skipped, SKIP_BLOCK));
      if (n == 0) {
        break;
      }
      skipped += n;
    }
    return skipped;
  }

  /** What has been found wrong so far and did not prevent reading, one line each. */
  public final List<String> warnings() {
    return List.copyOf(warnings);
  }

  final void warn(String text) {
    warnings.add(text);
  }

  /** Warns that the file ended after fewer frames than its header says. */
  final void warnOfMissing(long framesRead) {
    AudioInfo info = info();
    warn(
        Text.format(
            "the header says %d frames, the file ends after %d: %.2f s of %.2f s are missing",
            info.frames(),
            framesRead,
            (double) (info.frames() - framesRead) / info.sampleRate(),
            info.seconds()));
  }

  /**
   * Frames still to come, if the size of the file proves it; {@link AudioInfo#UNKNOWN} if there is
   * only the word of a header.
   */
  abstract long provenFrames();
}
