package dev.cadenza.audio;

import java.util.List;

/**
 * Audio with what was wrong in its file and did not prevent reading it, one line each: samples that
 * end early, for example. Empty for a sound file.
 */
public record Decoded(Audio audio, List<String> warnings) {

  /** Copies the list. */
  public Decoded {
    warnings = List.copyOf(warnings);
  }
}
