package dev.cadenza.benchmarks.peers;

import java.util.Locale;

/**
 * Something to do, readable from text: {@code "train two-branch 32"}, {@code "predict two-branch
 * 1"} or {@code "layer Linear 1064 8 on 32x1064"} (forward and backward).
 *
 * @param what a {@code NetworkSpec} or a {@code LayerSpec} as text
 */
record Job(Kind kind, String what) {
  enum Kind {
    TRAIN,
    PREDICT,
    LAYER
  }

  static Job parse(String text) {
    String[] parts = text.split(" ", 2);
    return new Job(Kind.valueOf(parts[0].toUpperCase(Locale.ROOT)), parts[1]);
  }
}
