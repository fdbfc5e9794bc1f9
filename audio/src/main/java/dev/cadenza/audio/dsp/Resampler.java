package dev.cadenza.audio.dsp;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Changes the sampling rate of a signal by any ratio: a windowed sinc in polyphase form, zero
 * phase, anti-aliased.
 *
 * <p>The result has {@code ceil(n * (target / source))} samples for n, as in librosa, and its
 * sample k lies at the time k / target. Ratios beyond 2.25 are reached in several stages, where
 * half-band filters at the higher rates leave less to do for the sharp one.
 *
 * <p>Thread-safe, and immutable but for memory that calls borrow; making one computes filters, so
 * keep it for many signals.
 *
 * <pre>{@code
 * float[] y = Resampler.of(44100, 16000).resample(x);
 * }</pre>
 */
public final class Resampler {

  /** A larger change is made in stages. */
  private static final double LARGEST_STEP = 2.25;

  /** Memory grows with the terms of the reduced ratio; rates below 1 MHz stay within. */
  private static final long LARGEST_TERM = 1_000_000;

  /**
   * How sharp the filter is; the lower Nyquist frequency is half the lower of the two rates. The
   * pass band's ripple is below 0.005 dB, and below 0.0001 dB where the filter is HIGH or BEST.
   */
  public enum Quality {
    /** Flat to 0.80 of the lower Nyquist frequency, images and aliases below -80 dB. */
    FAST(0.80, 80),
    /** Flat to 0.91 of the lower Nyquist frequency, images and aliases below -120 dB. */
    HIGH(0.91, 120),
    /** Flat to 0.95 of the lower Nyquist frequency, images and aliases where float32 rounds. */
    BEST(0.95, 130);

    private final double passBand;
    private final double attenuation;

    Quality(double passBand, double attenuation) {
      this.passBand = passBand;
      this.attenuation = attenuation;
    }

    private KaiserLowpass lowpass(double pass, double stop) {
      return new KaiserLowpass(pass, stop, attenuation);
    }
  }

  /**
   * The resamplers used last, one for every pair of rates and quality. To design a filter takes
   * three times as long as to resample three seconds. They are shared by all and yet no state: a
   * resampler follows from its key alone, so that nobody can tell whether it was kept.
   */
  private static final Map<Plan, Resampler> DESIGNED =
      Collections.synchronizedMap(
          new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Plan, Resampler> eldest) {
              return size() > 8;
            }
          });

  private record Plan(int from, int to, Quality quality) {}

  private final int from;
  private final int to;
  private final List<PolyphaseFilter> stages;
  private final Queue<ResamplerStream> idle = new ConcurrentLinkedQueue<>();

  private Resampler(int from, int to, List<PolyphaseFilter> stages) {
    this.from = from;
    this.to = to;
    this.stages = List.copyOf(stages);
  }

  /** A resampler of {@link Quality#HIGH}. */
  public static Resampler of(int fromRate, int toRate) {
    return of(fromRate, toRate, Quality.HIGH);
  }

  /**
   * A resampler from {@code fromRate} to {@code toRate}, in Hz.
   *
   * @throws IllegalArgumentException if a rate is not positive
   */
  public static Resampler of(int fromRate, int toRate, Quality quality) {
    if (fromRate <= 0 || toRate <= 0) {
      throw new IllegalArgumentException(
          "resampler: rates of " + fromRate + " and " + toRate + " Hz must be positive");
    }
    return DESIGNED.computeIfAbsent(
        new Plan(fromRate, toRate, quality),
        p -> new Resampler(p.from, p.to, plan(p.from, p.to, p.quality)));
  }

  /**
   * Halves a rate that is far above the target, then changes it to the target by the sharp filter,
   * or by the sharp filter to a fraction of a target far above, which is then doubled.
   */
  private static List<PolyphaseFilter> plan(int from, int to, Quality quality) {
    List<PolyphaseFilter> stages = new ArrayList<>();
    if (from == to) {
      return stages;
    }
    long up = to;
    long down = from;
    for (; down > LARGEST_STEP * up; up *= 2) {
      double nyquist = 0.5 * up / down;
      stages.add(new PolyphaseFilter(1, 2, quality.lowpass(nyquist, 0.5 - nyquist)));
    }
    while (up > LARGEST_STEP * down) {
      down *= 2;
    }
    long divisor = greatestCommonDivisor(up, down);
    if (Math.max(up, down) / divisor > LARGEST_TERM) {
      throw new IllegalArgumentException(
          "resampler: the ratio of " + to + " to " + from + " Hz has terms beyond " + LARGEST_TERM);
    }
    double nyquist = Math.min(0.5, 0.5 * up / down);
    stages.add(
        new PolyphaseFilter(
            (int) (up / divisor),
            (int) (down / divisor),
            quality.lowpass(quality.passBand * nyquist, nyquist)));
    for (; down > from; down /= 2) {
      double nyquistOfSource = 0.5 * down / up;
      stages.add(new PolyphaseFilter(2, 1, quality.lowpass(nyquistOfSource, 1 - nyquistOfSource)));
    }
    return stages;
  }

  private static long greatestCommonDivisor(long a, long b) {
    return b == 0 ? a : greatestCommonDivisor(b, a % b);
  }

  /**
   * Number of samples that n become: {@code ceil(n * (target / source))}, rounded as in librosa.
   */
  public long outputLength(long n) {
    return (long) Math.ceil(n * ((double) to / from));
  }

  /** How much of the input, in seconds, an output waits for: the delay of a {@link #stream}. */
  public double delaySeconds() {
    double seconds = 0;
    double rate = from;
    for (PolyphaseFilter stage : stages) {
      seconds += (stage.reach() + stage.slack()) / rate;
      rate = rate * stage.phases() / stage.step();
    }
    return seconds;
  }

  /** Resamples a whole signal [T], which is taken to be silent before and after. Not modified. */
  public float[] resample(float[] signal) {
    ResamplerStream borrowed = idle.poll();
    ResamplerStream stream = borrowed == null ? stream() : borrowed;
    float[] result = stream.resampleAll(signal);
    if (stream.isSmall()) {
      idle.add(stream);
    }
    return result;
  }

  /** Starts to resample a signal that comes in blocks; the result is that of {@link #resample}. */
  public ResamplerStream stream() {
    return new ResamplerStream(this);
  }

  List<PolyphaseFilter> stages() {
    return stages;
  }
}
