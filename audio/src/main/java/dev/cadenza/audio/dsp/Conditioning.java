package dev.cadenza.audio.dsp;

/**
 * What is done to each frame before the window.
 *
 * @param gain factor on every sample: 32768 where a tool reads 16-bit samples as whole numbers
 * @param removeMean whether the frame's mean is subtracted
 * @param preEmphasis share of the sample before that is subtracted from each sample, {@code x[i] -
 *     p x[i-1]}, the first sample being its own predecessor; 0 for none
 */
public record Conditioning(double gain, boolean removeMean, double preEmphasis) {
  /** The gain that turns full scale 1 into that of 16-bit samples. */
  public static final double SHORT_SCALE = 32768;

  /** Nothing is done. */
  public static final Conditioning NONE = new Conditioning(1, false, 0);

  @Override
  public String toString() {
    return RecordText.of(this);
  }

  /** True where each frame has to be treated on its own. */
  boolean perFrame() {
    return removeMean || preEmphasis != 0;
  }

  /**
   * Fills {@code frame} with the samples from position {@code start}, conditioned but for the gain.
   */
  void apply(float[] signal, int start, Framing framing, double[] frame) {
    int n = frame.length;
    boolean inside = start >= 0 && start + n <= signal.length;
    double mean = 0;
    for (int i = 0; i < n; i++) {
      frame[i] = inside ? signal[start + i] : framing.sample(signal, start + i);
      mean += frame[i];
    }
    if (removeMean) {
      mean /= n;
      for (int i = 0; i < n; i++) {
        frame[i] -= mean;
      }
    }
    if (preEmphasis != 0) {
      for (int i = n - 1; i > 0; i--) {
        frame[i] -= preEmphasis * frame[i - 1];
      }
      frame[0] -= preEmphasis * frame[0];
    }
  }
}
