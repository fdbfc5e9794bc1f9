package dev.cadenza.examples.ser;

import java.util.SplittableRandom;
import java.util.function.DoubleBinaryOperator;

/**
 * The traits of {@link SyntheticVoice} that an emotion, a speaker's habit or a single take changes.
 *
 * @param pitch semitones above the speaker's base pitch
 * @param range height of an accent in semitones
 * @param slope change of pitch over the statement in semitones
 * @param ending change of pitch over the last syllable in semitones
 * @param rate natural logarithm of the speed of speaking
 * @param level level in dB relative to neutral
 * @param breath noise in the voice, 0 to 1
 * @param tension from 0, lax and dull, to 1, pressed and bright
 * @param jitter irregularity of the pitch periods as a fraction of the period
 * @param tremor depth of a tremble of the pitch in semitones
 */
record SpeakingStyle(
    double pitch,
    double range,
    double slope,
    double ending,
    double rate,
    double level,
    double breath,
    double tension,
    double jitter,
    double tremor) {

  /** Standard deviations between speakers; what an emotion does comes on top. */
  static final SpeakingStyle OF_SPEAKERS =
      new SpeakingStyle(0.0, 0.4, 0.6, 0.6, 0.07, 2.5, 0.10, 0.10, 0.003, 0.0);

  /** Standard deviations between takes of the same speaker and emotion. */
  static final SpeakingStyle OF_TAKES =
      new SpeakingStyle(1.0, 0.6, 1.0, 1.0, 0.06, 2.0, 0.08, 0.09, 0.003, 0.1);

  /** The typical style of an emotion, acted at full strength. */
  static SpeakingStyle of(Emotion emotion) {
    // pitch range slope ending rate level breath tension jitter tremor
    return switch (emotion) {
      case NEUTRAL -> new SpeakingStyle(0.0, 1.2, -2.0, -2.0, 0.00, 0.0, 0.15, 0.45, 0.006, 0.0);
      case CALM -> new SpeakingStyle(-1.0, 0.8, -1.5, -1.0, -0.14, -5.0, 0.40, 0.20, 0.005, 0.0);
      case HAPPY -> new SpeakingStyle(4.5, 4.5, 0.5, 1.0, 0.04, 6.0, 0.12, 0.60, 0.006, 0.0);
      case SAD -> new SpeakingStyle(0.5, 1.5, -4.5, -3.0, -0.20, -4.0, 0.55, 0.22, 0.012, 0.3);
      case ANGRY -> new SpeakingStyle(4.5, 4.0, -4.0, -4.0, 0.06, 11.0, 0.05, 0.95, 0.016, 0.0);
      case FEARFUL -> new SpeakingStyle(6.5, 2.2, 0.5, 0.0, 0.16, 5.0, 0.40, 0.65, 0.018, 0.9);
      case DISGUST -> new SpeakingStyle(0.5, 2.8, -4.5, -4.5, -0.16, 2.0, 0.18, 0.70, 0.022, 0.0);
      case SURPRISED -> new SpeakingStyle(6.0, 5.5, 3.0, 7.0, -0.02, 4.5, 0.20, 0.50, 0.006, 0.0);
    };
  }

  /** The sum of both. */
  SpeakingStyle plus(SpeakingStyle other) {
    return combined(other, Double::sum);
  }

  /** The style so far on the way from this one (share 0) to the other (share 1), or beyond. */
  SpeakingStyle towards(SpeakingStyle other, double share) {
    return combined(other, (from, to) -> from + share * (to - from));
  }

  /** A random style around 0, with this one as its standard deviation. */
  SpeakingStyle drawn(SplittableRandom random) {
    return combined(this, (deviation, same) -> deviation * SourceFilter.gaussian(random));
  }

  private SpeakingStyle combined(SpeakingStyle other, DoubleBinaryOperator f) {
    return new SpeakingStyle(
        f.applyAsDouble(pitch, other.pitch),
        f.applyAsDouble(range, other.range),
        f.applyAsDouble(slope, other.slope),
        f.applyAsDouble(ending, other.ending),
        f.applyAsDouble(rate, other.rate),
        f.applyAsDouble(level, other.level),
        f.applyAsDouble(breath, other.breath),
        f.applyAsDouble(tension, other.tension),
        f.applyAsDouble(jitter, other.jitter),
        f.applyAsDouble(tremor, other.tremor));
  }
}
