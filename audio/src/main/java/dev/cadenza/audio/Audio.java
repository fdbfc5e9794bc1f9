package dev.cadenza.audio;

import dev.cadenza.audio.dsp.Resampler;
import java.util.Arrays;

/**
 * Sound in memory: one array of samples a channel, full scale at 1.
 *
 * <p>The arrays are taken and given without copying, so that a clip of an hour costs its memory
 * once; whoever changes them changes the audio. Methods that return an {@code Audio} leave this one
 * untouched, but may share its arrays where nothing had to be computed.
 *
 * @param channels samples [C, T], C channels (at least one) of T samples each (possibly none)
 * @param sampleRate samples a second, in Hz
 */
public record Audio(float[][] channels, int sampleRate) {

  /**
   * Checks that there is a channel, that all have the same length, and that the rate is positive.
   */
  public Audio {
    if (channels.length == 0) {
      throw new IllegalArgumentException("audio: no channels, expected at least one");
    }
    for (int c = 1; c < channels.length; c++) {
      if (channels[c].length != channels[0].length) {
        throw new IllegalArgumentException(
            Text.format(
                "audio: lengths of channels differ, channel 0 has %d samples, channel %d has %d",
                channels[0].length, c, channels[c].length));
      }
    }
    if (sampleRate <= 0) {
      throw new IllegalArgumentException(
          "audio: sampleRate=" + sampleRate + " Hz must be positive");
    }
  }

  /** One channel of samples [T] at {@code sampleRate} Hz. */
  public static Audio mono(float[] samples, int sampleRate) {
    return new Audio(new float[][] {samples}, sampleRate);
  }

  /** Number of samples T in each channel. */
  public int frames() {
    return channels[0].length;
  }

  /** Number of channels C. */
  public int channelCount() {
    return channels.length;
  }

  /** Duration in seconds. */
  public double seconds() {
    return (double) frames() / sampleRate;
  }

  /** This audio's channel {@code index}, counted from 0, alone. */
  public Audio channel(int index) {
    if (index < 0 || index >= channels.length) {
      throw new IllegalArgumentException(
          "audio: channel=" + index + " must be 0 to " + (channels.length - 1));
    }
    return mono(channels[index], sampleRate);
  }

  /** The mean of all channels (librosa's {@code to_mono}); this audio itself if it has only one. */
  public Audio mono() {
    return channels.length == 1 ? this : mono(meanOfChannels(), sampleRate);
  }

  /** Samples [T] of {@link #mono()}. */
  public float[] samples() {
    return mono().channels[0];
  }

  /**
   * The part that starts {@code offsetSeconds} in and lasts {@code durationSeconds}; both are cut
   * down to whole samples, as librosa's {@code load} does, and what lies past the end is left out.
   *
   * @param durationSeconds in seconds, or {@link Double#POSITIVE_INFINITY} for all that follows
   */
  public Audio slice(double offsetSeconds, double durationSeconds) {
    Span span = Span.of(offsetSeconds, durationSeconds, sampleRate);
    int from = (int) Math.min(span.start(), frames());
    int to = from + (int) Math.min(span.length(), frames() - from);
    float[][] part = new float[channels.length][];
    for (int c = 0; c < part.length; c++) {
      part[c] = Arrays.copyOfRange(channels[c], from, to);
    }
    return new Audio(part, sampleRate);
  }

  /**
   * This audio at another rate, in Hz, by {@link Resampler.Quality#HIGH}; this audio itself if that
   * is its rate.
   */
  public Audio resample(int rate) {
    if (rate == sampleRate) {
      return this;
    }
    Resampler resampler = Resamplers.between(sampleRate, rate);
    float[][] resampled = new float[channels.length][];
    for (int c = 0; c < resampled.length; c++) {
      resampled[c] = resampler.resample(channels[c]);
    }
    return new Audio(resampled, rate);
  }

  /** Sum in float32 and in the order of the channels, then one division: NumPy's mean. */
  private float[] meanOfChannels() {
    float[] sum = channels[0].clone();
    for (int c = 1; c < channels.length; c++) {
      float[] channel = channels[c];
      for (int t = 0; t < sum.length; t++) {
        sum[t] += channel[t];
      }
    }
    for (int t = 0; t < sum.length; t++) {
      sum[t] /= channels.length;
    }
    return sum;
  }

  /** Same rate and the same samples, bit for bit. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Audio audio
        && sampleRate == audio.sampleRate
        && Arrays.deepEquals(channels, audio.channels);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.deepHashCode(channels) + sampleRate;
  }

  /** Size, not samples: {@code Audio[2 channels, 48000 Hz, 3.70 s]}. */
  @Override
  public String toString() {
    return Text.format(
        "Audio[%d %s, %d Hz, %.2f s]",
        channels.length, channels.length == 1 ? "channel" : "channels", sampleRate, seconds());
  }
}
