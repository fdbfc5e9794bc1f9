package dev.cadenza.audio;

import java.io.IOException;

/**
 * A file that is not audio, or is damaged, or is of a kind that cannot be read here. The message is
 * one line: the file, what was found and expected, and at which byte.
 */
public final class AudioFormatException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  AudioFormatException(String file, long offset, String pattern, Object... arguments) {
    super(file + ": " + Text.format(pattern, arguments) + " (at byte " + offset + ")");
    this.file = file;
    this.offset = offset;
  }

  /** The file, as it was named by the caller. */
  public String file() {
    return file;
  }

  /** Position in the file, in bytes from its start, at which reading stopped making sense. */
  public long offset() {
    return offset;
  }
}
