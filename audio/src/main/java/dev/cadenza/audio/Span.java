package dev.cadenza.audio;

/** A stretch of time in samples: {@code length} is {@link Long#MAX_VALUE} when it has no end. */
record Span(long start, long length) {

  static final Span ALL = new Span(0, Long.MAX_VALUE);

  /** Cuts seconds down to whole samples, as librosa's {@code load} does. */
  static Span of(double offsetSeconds, double durationSeconds, int sampleRate) {
    if (!(offsetSeconds >= 0 && Double.isFinite(offsetSeconds))) {
      throw new IllegalArgumentException(
          "offset=" + offsetSeconds + " s must be zero or more, and finite");
    }
    if (!(durationSeconds >= 0)) {
      throw new IllegalArgumentException("duration=" + durationSeconds + " s must be zero or more");
    }
    return new Span((long) (offsetSeconds * sampleRate), (long) (durationSeconds * sampleRate));
  }
}
