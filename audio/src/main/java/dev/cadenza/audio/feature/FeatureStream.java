package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Framing;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.PadMode;
import java.util.Arrays;

/**
 * Features of a signal that arrives in pieces: samples in, frames out, each frame as soon as its
 * last sample is there. All frames together are those of the whole signal, bit for bit.
 *
 * <pre>{@code
 * FeatureStream stream = FeatureStream.of(LogMel.librosa().topDb(null));
 * while (...) {
 *   Features frames = stream.push(samples);   // [F, none or more]
 * }
 * Features rest = stream.finish();            // frames that reach beyond the end
 * }</pre>
 *
 * <p>What needs the maximum of the whole clip ({@code topDb}, {@code refMax}) is refused. Not
 * thread-safe.
 */
public final class FeatureStream {
  private final MelConfig<?> whole;
  private final FeatureTransform inside;
  private final Framing framing;
  private final int frameLength;
  private float[] buffer = new float[0];

  /** Samples in the buffer. */
  private int filled;

  /** Samples, padding included, that have left the buffer. */
  private long dropped;

  private long received;
  private long framesOut;
  private boolean started;
  private boolean finished;

  private FeatureStream(MelConfig<?> whole) {
    this.whole = whole;
    framing = whole.mel().stft().framing();
    frameLength = framing.length();
    // Frames that reach beyond the start are given their padding here, so that all lie inside what
    // the transform sees.
    inside =
        (FeatureTransform)
            (framing.alignment().isWholeTransform()
                ? whole.alignment(Alignment.INSIDE)
                : whole.alignment(Alignment.WINDOW_INSIDE));
  }

  /**
   * A stream of the given features.
   *
   * @throws IllegalArgumentException if a value would depend on the maximum of the whole clip
   */
  public static FeatureStream of(MelConfig<?> features) {
    if (features.mel().log().needsMaximum()) {
      throw new IllegalArgumentException(
          "stream: "
              + features.mel().log()
              + " needs the maximum of the whole clip; give a ref and set topDb(null)");
    }
    if (features.mel().padMode() == PadMode.WRAP) {
      throw new IllegalArgumentException(
          "stream: padMode=WRAP needs the end of the signal at its start");
    }
    return new FeatureStream(features);
  }

  /**
   * How many samples after its first one a frame comes out, at the most: the delay. A centred
   * frame's middle lies half of it back.
   */
  public int delaySamples() {
    return frameLength;
  }

  /** Takes samples and returns the frames they complete, {@code [F, none or more]}. */
  public Features push(float... samples) {
    if (finished) {
      throw new IllegalStateException("stream: finish() was called, nothing can follow");
    }
    if (samples.length > 0) {
      Check.signal("stream", samples);
    }
    append(samples, samples.length);
    received += samples.length;
    if (!started) {
      if (filled < samplesForHead()) {
        return none();
      }
      padHead();
    }
    return drain();
  }

  /** Ends the signal and returns the frames that reach beyond it. */
  public Features finish() {
    if (finished) {
      throw new IllegalStateException("stream: finish() was called before");
    }
    finished = true;
    if (received == 0) {
      return none();
    }
    if (!started) { // a short signal: all of it is here
      return whole.apply(Arrays.copyOf(buffer, filled));
    }
    long all = frames(received);
    long end = (all - 1) * framing.hop() + frameLength + framing.firstSample();
    if (end > received) {
      padTail((int) (end - received));
    }
    return drain();
  }

  private long frames(long samples) {
    // As the framing counts, of a signal that may be longer than an array.
    int hop = framing.hop();
    long shorter = Math.max(0, samples / hop - 2 - frameLength / hop);
    return shorter + framing.frames((int) (samples - shorter * hop));
  }

  /** Mirrored padding needs the samples it mirrors. */
  private int samplesForHead() {
    return framing.padMode() == PadMode.CONSTANT ? 1 : 2 * frameLength;
  }

  private void padHead() {
    started = true;
    int left = -framing.firstSample();
    float[] padded = framing.padMode().pad(Arrays.copyOf(buffer, filled), left, 0);
    buffer = padded;
    filled = padded.length;
  }

  private void padTail(int right) {
    // What lies further back than the padding is long cannot matter: the buffer keeps two frames.
    buffer = framing.padMode().pad(Arrays.copyOf(buffer, filled), 0, right);
    filled = buffer.length;
  }

  /**
   * The frames that lie wholly in the buffer; their samples leave it, but for those that padding
   * may mirror.
   */
  private Features drain() {
    int hop = framing.hop();
    int done = (int) (framesOut * hop - dropped);
    int count = filled - done < frameLength ? 0 : 1 + (filled - done - frameLength) / hop;
    if (count == 0) {
      return none();
    }
    int end = done + (count - 1) * hop + frameLength;
    Features features = inside.apply(Arrays.copyOfRange(buffer, done, end));
    framesOut += count;
    int keepFrom = Math.max(0, Math.min(done + count * hop, filled - 2 * frameLength));
    System.arraycopy(buffer, keepFrom, buffer, 0, filled - keepFrom);
    filled -= keepFrom;
    dropped += keepFrom;
    return features;
  }

  private void append(float[] samples, int count) {
    if (filled + count > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(filled + count, 2 * buffer.length));
    }
    System.arraycopy(samples, 0, buffer, filled, count);
    filled += count;
  }

  private Features none() {
    return new Features(new float[0], whole.bins(), 0);
  }
}
