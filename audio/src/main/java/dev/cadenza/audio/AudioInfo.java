package dev.cadenza.audio;

/**
 * What a file's header says, checked against the file's length where that is possible.
 *
 * @param format the container: {@code WAV}, {@code FLAC}, ...
 * @param encoding of the samples: {@code 16-bit PCM}, {@code 32-bit float}, {@code A-law}, ...
 * @param sampleRate samples a second, in Hz
 * @param channels number of channels
 * @param frames samples in each channel, or {@link #UNKNOWN} where only decoding can tell
 */
public record AudioInfo(String format, String encoding, int sampleRate, int channels, long frames) {

  /** Number of frames of a stream that does not state it. */
  public static final long UNKNOWN = -1;

  /** Duration in seconds, or NaN if the number of frames is unknown. */
  public double seconds() {
    return frames == UNKNOWN ? Double.NaN : (double) frames / sampleRate;
  }
}
