package dev.cadenza.audio.dsp;

/**
 * Where frames lie in a signal: how many there are, and what stands beyond the signal's ends.
 *
 * @param length samples in a frame
 * @param hop samples from the start of one frame to the start of the next
 * @param alignment how frame 0 lies relative to sample 0
 * @param padMode what stands beyond the ends, where the alignment reaches beyond them
 */
public record Framing(int length, int hop, Alignment alignment, PadMode padMode) {

  /** How frames lie relative to the samples. */
  public enum Alignment {
    /**
     * Frame {@code t} is centred on sample {@code t * hop}; librosa and torch with {@code
     * center=True}.
     */
    CENTERED,
    /**
     * Frame {@code t} starts at sample {@code t * hop} and ends inside; librosa with {@code
     * center=False}.
     */
    INSIDE,
    /**
     * The same with frames as long as the window, not as the transform; HTK, and Kaldi by default.
     */
    WINDOW_INSIDE,
    /**
     * Frame {@code t} is centred on the middle of hop {@code t}; Kaldi with {@code
     * snip-edges=false}.
     */
    HOP_CENTERED;

    /**
     * Whether a frame is as long as the transform, a shorter window lying in its middle, or as the
     * window.
     */
    public boolean isWholeTransform() {
      return this == CENTERED || this == INSIDE;
    }
  }

  public Framing {
    Check.atLeast("framing", "length", length, 1);
    Check.atLeast("framing", "hop", hop, 1);
    if (alignment == Alignment.HOP_CENTERED && length < hop) {
      throw new IllegalArgumentException(
          "framing: length="
              + length
              + " must be at least hop="
              + hop
              + " when frames are centred on hops");
    }
  }

  /** The number of frames of a signal; 0 where it is shorter than a frame that must lie inside. */
  public int frames(int samples) {
    return switch (alignment) {
      case CENTERED -> 1 + (samples + length / 2 * 2 - length) / hop;
      case INSIDE, WINDOW_INSIDE -> samples < length ? 0 : 1 + (samples - length) / hop;
      case HOP_CENTERED -> (int) ((samples + hop / 2L) / hop);
    };
  }

  /** The sample at which frame 0 starts; negative where it starts before the signal. */
  public int firstSample() {
    return switch (alignment) {
      case CENTERED -> -(length / 2);
      case INSIDE, WINDOW_INSIDE -> 0;
      case HOP_CENTERED -> hop / 2 - length / 2;
    };
  }

  /** The sample at a position of a signal, which lies before, in or after it. */
  float sample(float[] signal, int position) {
    int i = padMode.index(position, signal.length);
    return i < 0 ? 0 : signal[i];
  }

  /**
   * The signal, padded so that frame {@code t} is {@code [t * hop, t * hop + length)} of the
   * result.
   */
  public float[] pad(float[] signal) {
    int first = firstSample();
    int end = (frames(signal.length) - 1) * hop + length + first;
    int right = Math.max(0, end - signal.length);
    return first == 0 && right == 0 ? signal : padMode.pad(signal, -first, right);
  }
}
