package dev.cadenza.audio.feature;

/** From a mono signal to a feature map. Implementations are immutable, reusable and thread-safe. */
public interface FeatureTransform {

  /**
   * The features of a signal.
   *
   * @param signal mono samples, full scale 1, at the transform's sample rate; not modified
   * @return {@code [bins(), frames(signal.length)]}
   * @throws IllegalArgumentException if the signal is empty, too short or holds NaN or infinity
   */
  Features apply(float[] signal);

  /** F, the rows of a result. */
  int bins();

  /** T, the columns of a result for a signal of so many samples. */
  int frames(int samples);

  /** The sample rate in Hz that the settings are made for. */
  int sampleRate();
}
