package dev.cadenza.examples.ser;

import java.util.Arrays;
import java.util.SplittableRandom;

/** The sound production of {@link SyntheticVoice}: glottal source, noise, resonators. */
final class SourceFilter {

  private static final double SQRT_3 = Math.sqrt(3);

  private static final int RATE = SyntheticVoice.SAMPLE_RATE;

  /** Tracks have a value a millisecond; filters are retuned that often. */
  private static final int STEP = RATE / 1000;

  private static final int FORMANTS = 5;
  private static final double[] FORMANT_BANDWIDTHS = {70, 100, 140, 220, 300};

  /** The fourth and fifth resonance lie this far above the third, whatever the vowel. */
  private static final double UPPER_FORMANT_SPACING = 1.35;

  private static final int PULSE_POINTS = 2048;
  private static final double SHIMMER_PER_JITTER = 5;
  private static final double ASPIRATION = 0.04;
  private static final double CONSONANT = 0.08;
  private static final double CONSONANT_BANDWIDTH = 1500;

  private SourceFilter() {}

  /** What the articulators do, a value a millisecond. */
  static final class Tracks {
    /** Fundamental frequency in Hz. */
    final double[] pitch;

    /** Loudness of the voice, 0 to 1. */
    final double[] voice;

    /** Loudness of the consonant's noise. */
    final double[] noise;

    /** Centre of that noise in Hz. */
    final double[] noiseHz;

    /** Three tracks of the lower resonances in Hz. */
    final double[][] formants;

    /** Tracks of so many milliseconds, all 0. */
    Tracks(int ms) {
      pitch = new double[ms];
      voice = new double[ms];
      noise = new double[ms];
      noiseHz = new double[ms];
      formants = new double[3][ms];
    }
  }

  /**
   * Renders tracks to sound.
   *
   * @param breath noise in the voice, 0 to 1
   * @param tension from 0, lax and dull, to 1, pressed and bright
   * @param jitter irregularity of the pitch periods as a fraction of the period
   * @return samples of any level
   */
  static float[] render(
      Tracks tracks, double breath, double tension, double jitter, SplittableRandom random) {
    int n = tracks.pitch.length;
    float[] out = new float[n * STEP];
    double openShare = 0.75 - 0.3 * tension;
    double[] pulse = glottalPulse(openShare);
    double softening = 1 - StrictMath.exp(-2 * Math.PI * (300 + 7000 * tension * tension) / RATE);
    Resonator[] tract = new Resonator[FORMANTS];
    Arrays.setAll(tract, i -> new Resonator());
    Resonator consonant = new Resonator();
    double phase = 0;
    double period = 1;
    double loudness = 1;
    double soft = 0;
    for (int ms = 0; ms < n; ms++) {
      tune(tract, tracks.formants, ms);
      consonant.tune(tracks.noiseHz[ms], CONSONANT_BANDWIDTH);
      double advance = tracks.pitch[ms] / RATE;
      double voice = tracks.voice[ms];
      double noise = tracks.noise[ms];
      for (int i = ms * STEP; i < (ms + 1) * STEP; i++) {
        phase += advance * period;
        if (phase >= 1) {
          phase -= 1;
          period = 1 + jitter * gaussian(random);
          loudness = 1 + SHIMMER_PER_JITTER * jitter * gaussian(random);
        }
        double white = gaussian(random);
        soft += softening * (pulse[(int) (phase * PULSE_POINTS)] * loudness - soft);
        double air = ASPIRATION * breath * white * (phase < openShare ? 1 : 0.3);
        double sound = voice * (soft + air);
        for (Resonator resonator : tract) {
          sound = resonator.filter(sound);
        }
        out[i] = (float) (sound + consonant.filter(CONSONANT * noise * white));
      }
    }
    return out;
  }

  /**
   * A number of mean 0 and deviation 1, nearly normal and never beyond 3.5: the sum of four uniform
   * ones. Unlike {@code nextGaussian} it is the same on every Java release, and four times as fast.
   */
  static double gaussian(SplittableRandom random) {
    long bits = random.nextLong();
    long sum = (bits & 0xffff) + (bits >>> 16 & 0xffff) + (bits >>> 32 & 0xffff) + (bits >>> 48);
    return (sum / 65535.0 - 2) * SQRT_3;
  }

  /** Derivative of the air flow over one period (Rosenberg's trigonometric pulse). */
  private static double[] glottalPulse(double openShare) {
    double rise = openShare * 0.67;
    double fall = openShare - rise;
    double[] pulse = new double[PULSE_POINTS];
    for (int i = 0; i < PULSE_POINTS; i++) {
      double t = (double) i / PULSE_POINTS;
      if (t < rise) {
        pulse[i] = StrictMath.sin(Math.PI * t / rise) * fall / rise;
      } else if (t < openShare) {
        pulse[i] = -StrictMath.sin(Math.PI / 2 * (t - rise) / fall);
      }
    }
    return pulse;
  }

  private static void tune(Resonator[] tract, double[][] formants, int ms) {
    double hz = 0;
    for (int i = 0; i < tract.length; i++) {
      hz = i < formants.length ? formants[i][ms] : hz * UPPER_FORMANT_SPACING;
      tract[i].tune(hz, FORMANT_BANDWIDTHS[i]);
    }
  }

  /** A digital resonance of gain 1 at 0 Hz (Klatt 1980). */
  private static final class Resonator {
    private double a;
    private double b;
    private double c;
    private double y1;
    private double y2;

    void tune(double hz, double bandwidth) {
      double radius = StrictMath.exp(-Math.PI * bandwidth / RATE);
      c = -radius * radius;
      b = 2 * radius * StrictMath.cos(2 * Math.PI * hz / RATE);
      a = 1 - b - c;
    }

    double filter(double x) {
      double y = a * x + b * y1 + c * y2;
      y2 = y1;
      y1 = y;
      return y;
    }
  }
}
