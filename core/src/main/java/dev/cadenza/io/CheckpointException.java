package dev.cadenza.io;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint that cannot be used: damaged, of another format, or not made for this network. The
 * message names the file, the offset where one is known, and what was expected.
 */
public final class CheckpointException extends IOException {
  private static final long serialVersionUID = 1L;

  /** A problem with a file: what was expected, and what is there. */
  public CheckpointException(Path file, String problem) {
    this(file, problem, null);
  }

  /** A problem with a file that another exception told of. */
  public CheckpointException(Path file, String problem, @Nullable Throwable cause) {
    super(file + ": " + problem, cause);
  }
}
