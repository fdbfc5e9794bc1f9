package dev.cadenza.examples.ser;

import dev.cadenza.examples.ser.RavdessName.Intensity;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A speaker made of arithmetic: glottal pulses and noise through the resonances of a vocal tract.
 *
 * <p>The source is a train of Rosenberg pulses with jitter and shimmer, softened by a low-pass, plus
 * noise while the glottis is open; five resonators in cascade form the vowels, one more the noise of
 * consonants (Rosenberg 1971; Klatt 1980). Speakers differ in the length of the vocal tract, the
 * base pitch and their habits; emotions in the traits of {@link Trait}; takes in a bit of
 * everything. How far they differ is set so that emotions overlap as they do in acted speech, and
 * so that an emotion of one speaker can sound like another emotion of the next.
 *
 * <p>The same seed gives the same samples on every machine: all functions come from {@link
 * StrictMath}. Immutable and thread-safe.
 */
public final class SyntheticVoice {

  /** Samples per second, as in RAVDESS. */
  public static final int SAMPLE_RATE = 48_000;

  /** What an emotion changes. */
  private enum Trait {
    /** Semitones above the speaker's base pitch. */
    PITCH,
    /** Height of an accent in semitones. */
    RANGE,
    /** Change of pitch from the first to the last accent in semitones. */
    SLOPE,
    /** Change of pitch over the last syllable in semitones. */
    ENDING,
    /** Natural logarithm of the speed of speaking. */
    RATE,
    /** Level in dB relative to neutral. */
    LEVEL,
    /** Noise in the voice, about 0 to 1. */
    BREATH,
    /** From 0, lax and dull, to 1, pressed and bright. */
    TENSION,
    /** Irregularity of the pitch periods as a fraction of the period. */
    JITTER,
    /** Depth of a 6 Hz tremble in semitones. */
    TREMOR
  }

  /** One row an emotion, one column a trait. */
  private static final double[][] EMOTIONS = {
    // pitch range slope ending rate  level breath tension jitter tremor
    {0.0, 1.2, -2.0, -2.0, 0.00, 0.0, 0.15, 0.45, 0.006, 0.0}, // neutral
    {-1.0, 0.8, -1.5, -1.0, -0.14, -5.0, 0.40, 0.20, 0.005, 0.0}, // calm
    {4.5, 4.5, 0.5, 1.0, 0.04, 6.0, 0.12, 0.60, 0.006, 0.0}, // happy
    {0.5, 1.5, -4.5, -3.0, -0.20, -4.0, 0.55, 0.22, 0.012, 0.3}, // sad
    {4.5, 4.0, -4.0, -4.0, 0.06, 11.0, 0.05, 0.95, 0.016, 0.0}, // angry
    {6.5, 2.2, 0.5, 0.0, 0.16, 5.0, 0.40, 0.65, 0.018, 0.9}, // fearful
    {0.5, 2.8, -4.5, -4.5, -0.16, 2.0, 0.18, 0.70, 0.022, 0.0}, // disgust
    {6.0, 5.5, 3.0, 7.0, -0.02, 4.5, 0.20, 0.50, 0.006, 0.0}, // surprised
  };

  private static final double[] SPEAKER_DEVIATION = {
    0.0, 0.3, 0.5, 0.5, 0.05, 2.0, 0.07, 0.08, 0.002, 0.0
  };

  private static final double[] TAKE_DEVIATION = {
    1.0, 0.6, 1.0, 1.0, 0.05, 2.0, 0.07, 0.08, 0.002, 0.1
  };

  /**
   * A piece of speech.
   *
   * @param ms its length at normal speed
   * @param f1 first resonance of an average man in Hz; likewise {@code f2}, {@code f3}
   * @param voice loudness of the voice, 0 to 1
   * @param noise loudness of the consonant's noise
   * @param noiseHz where that noise is strongest
   * @param accent share of the accent's height that the pitch reaches
   */
  private record Phone(
      double ms,
      double f1,
      double f2,
      double f3,
      double voice,
      double noise,
      double noiseHz,
      double accent) {

    static Phone vowel(double ms, double f1, double f2, double f3, double accent) {
      return new Phone(ms, f1, f2, f3, 1, 0, 4000, accent);
    }

    static Phone sound(double ms, double f1, double f2, double f3, double voice) {
      return new Phone(ms, f1, f2, f3, voice, 0, 4000, 0.2);
    }

    static Phone hiss(double ms, double f1, double f2, double voice, double noise, double hz) {
      return new Phone(ms, f1, f2, 2600, voice, noise, hz, 0.1);
    }
  }

  private static final Phone IH = Phone.vowel(95, 400, 1920, 2560, 1);
  private static final Phone AA = Phone.vowel(80, 730, 1090, 2440, 0.2);
  private static final Phone AO = Phone.vowel(125, 570, 840, 2410, 1);
  private static final Phone AH = Phone.vowel(90, 700, 1250, 2500, 0.7);
  private static final Phone IY = Phone.vowel(75, 300, 2200, 2900, 0.4);
  private static final Phone AX = Phone.vowel(60, 500, 1400, 2400, 0);
  private static final Phone LONG_AO = Phone.vowel(170, 570, 840, 2410, 0.8);
  private static final Phone R = Phone.sound(75, 340, 1080, 1600, 0.7);
  private static final Phone NG = Phone.sound(75, 280, 1900, 2600, 0.4);
  private static final Phone CLOSED = Phone.sound(50, 300, 1500, 2500, 0);
  private static final Phone HUM = Phone.sound(45, 220, 1300, 2400, 0.15);
  private static final Phone K = Phone.hiss(40, 350, 1900, 0, 0.8, 2000);
  private static final Phone T = Phone.hiss(40, 350, 1800, 0, 0.8, 4500);
  private static final Phone D = Phone.hiss(18, 300, 1700, 0.3, 0.5, 3800);
  private static final Phone B = Phone.hiss(14, 250, 900, 0.3, 0.4, 900);
  private static final Phone G = Phone.hiss(18, 300, 1600, 0.3, 0.5, 1800);
  private static final Phone Z = Phone.hiss(75, 320, 1600, 0.4, 0.5, 6500);
  private static final Phone S = Phone.hiss(110, 320, 1600, 0, 0.9, 6500);
  private static final Phone DH = Phone.hiss(45, 300, 1300, 0.5, 0.15, 5500);

  /** "Kids are talking by the door", "Dogs are sitting by the door". */
  private static final List<List<Phone>> STATEMENTS =
      List.of(
          List.of(
              K, IH, HUM, D, Z, AA, R, CLOSED, T, AO, CLOSED, K, IH, NG, //
              HUM, B, AH, IY, DH, AX, HUM, D, LONG_AO, R),
          List.of(
              HUM, D, AO, HUM, G, Z, AA, R, S, IH, CLOSED, T, IH, NG, //
              HUM, B, AH, IY, DH, AX, HUM, D, LONG_AO, R));

  private static final double NEUTRAL_DBFS = -41;
  private static final double ROOM_DBFS = -76;
  private static final double TREMOR_HZ = 6;

  // How slowly the articulators follow: time constants in ms.
  private static final double TONGUE_MS = 14;
  private static final double LOUDNESS_MS = 6;
  private static final double PITCH_MS = 35;

  private final long seed;
  private final double basePitch;
  private final double formantScale;
  private final double expressiveness;
  private final double[] habits;

  /**
   * A speaker.
   *
   * @param actor 1 to 24; odd numbers are men, even ones women
   * @param seed what all speakers and takes of a corpus are drawn from
   */
  public SyntheticVoice(int actor, long seed) {
    SplittableRandom random = new SplittableRandom(mix(seed, actor));
    boolean male = actor % 2 == 1;
    this.seed = seed;
    this.basePitch = (male ? 118 : 205) * ratio(1.8 * SourceFilter.gaussian(random));
    // A woman's vocal tract is about 15 % shorter.
    this.formantScale = (male ? 1 : 1.17) * (1 + 0.04 * SourceFilter.gaussian(random));
    this.expressiveness = StrictMath.exp(0.2 * SourceFilter.gaussian(random));
    this.habits = deviations(SPEAKER_DEVIATION, random);
  }

  /**
   * Speaks one clip.
   *
   * @param name what to say and how; its actor should be the one of this voice
   * @return mono samples within -1 and 1, about 3.3 s: a second of silence, the statement, silence
   */
  public float[] speak(RavdessName name) {
    SplittableRandom random = new SplittableRandom(mix(seed, name.stem().hashCode()));
    double[] style = style(name, random);
    float[] speech =
        SourceFilter.render(
            articulate(STATEMENTS.get(name.statement() - 1), style, random),
            Math.max(0.02, trait(style, Trait.BREATH)),
            Math.min(1, Math.max(0, trait(style, Trait.TENSION))),
            Math.max(0.002, trait(style, Trait.JITTER)),
            random);
    return inRoom(speech, NEUTRAL_DBFS + trait(style, Trait.LEVEL), random);
  }

  /** Neutral, plus how far the emotion leads away from it, plus what is this speaker and take. */
  private double[] style(RavdessName name, SplittableRandom random) {
    double[] neutral = EMOTIONS[Emotion.NEUTRAL.label()];
    double[] emotion = EMOTIONS[name.emotion().label()];
    double strength = name.intensity() == Intensity.STRONG ? 1.15 : 0.8;
    double[] style = deviations(TAKE_DEVIATION, random);
    for (int i = 0; i < style.length; i++) {
      style[i] += neutral[i] + expressiveness * strength * (emotion[i] - neutral[i]) + habits[i];
    }
    return style;
  }

  private SourceFilter.Tracks articulate(
      List<Phone> phones, double[] style, SplittableRandom random) {
    double speed = StrictMath.exp(trait(style, Trait.RATE));
    int[] ends = new int[phones.size()];
    double end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += phones.get(i).ms / speed * (1 + 0.08 * SourceFilter.gaussian(random));
      ends[i] = (int) end;
    }
    int n = ends[ends.length - 1];
    SourceFilter.Tracks tracks = new SourceFilter.Tracks(n);
    double tremorPhase = random.nextDouble();
    int current = 0;
    for (int ms = 0; ms < n; ms++) {
      while (ms >= ends[current]) {
        current++;
      }
      Phone phone = phones.get(current);
      double time = (double) ms / n;
      double semitones =
          trait(style, Trait.PITCH)
              + trait(style, Trait.RANGE) * phone.accent
              + trait(style, Trait.SLOPE) * (time - 0.5)
              + trait(style, Trait.ENDING) * Math.max(0, (time - 0.8) / 0.2);
      tracks.pitch()[ms] = semitones;
      tracks.voice()[ms] = phone.voice;
      tracks.noise()[ms] = phone.noise;
      tracks.noiseHz()[ms] = phone.noiseHz;
      tracks.formants()[0][ms] = phone.f1 * formantScale;
      tracks.formants()[1][ms] = phone.f2 * formantScale;
      tracks.formants()[2][ms] = phone.f3 * formantScale;
    }
    smooth(tracks.pitch(), PITCH_MS);
    smooth(tracks.voice(), LOUDNESS_MS);
    smooth(tracks.noise(), LOUDNESS_MS);
    for (double[] formant : tracks.formants()) {
      smooth(formant, TONGUE_MS);
    }
    for (int ms = 0; ms < n; ms++) {
      double turn = tremorPhase + TREMOR_HZ * ms / 1000;
      double tremor = trait(style, Trait.TREMOR) * StrictMath.sin(2 * Math.PI * turn);
      tracks.pitch()[ms] = basePitch * ratio(tracks.pitch()[ms] + tremor);
    }
    return tracks;
  }

  /** Sets the level, adds the silence around the speech and the noise of the room. */
  private static float[] inRoom(float[] speech, double dbfs, SplittableRandom random) {
    int lead = samples(1.0 + 0.1 * SourceFilter.gaussian(random));
    int tail = samples(0.7 + 0.08 * SourceFilter.gaussian(random));
    // Most RAVDESS files begin with digital zeros.
    int zeros = random.nextInt(3) > 0 ? lead / 4 : 0;
    double gain = gain(speech, dbfs);
    double room = StrictMath.pow(10, ROOM_DBFS / 20);
    float[] samples = new float[lead + speech.length + tail];
    for (int i = zeros; i < samples.length; i++) {
      double voice = i < lead || i >= lead + speech.length ? 0 : gain * speech[i - lead];
      samples[i] = (float) (voice + room * SourceFilter.gaussian(random));
    }
    return samples;
  }

  private static double gain(float[] speech, double dbfs) {
    double power = 0;
    double peak = 0;
    for (float sample : speech) {
      power += (double) sample * sample;
      peak = Math.max(peak, Math.abs(sample));
    }
    double wanted = StrictMath.pow(10, dbfs / 20) / Math.sqrt(power / speech.length);
    return Math.min(wanted, 0.98 / peak);
  }

  /** Lets a track follow its targets with a delay, as inert things do. */
  private static void smooth(double[] track, double ms) {
    double step = 1 - StrictMath.exp(-1 / ms);
    double value = track[0];
    for (int i = 0; i < track.length; i++) {
      value += step * (track[i] - value);
      track[i] = value;
    }
  }

  private static double[] deviations(double[] scale, SplittableRandom random) {
    return Arrays.stream(scale).map(s -> s * SourceFilter.gaussian(random)).toArray();
  }

  private static double trait(double[] style, Trait trait) {
    return style[trait.ordinal()];
  }

  /** The frequency ratio of an interval. */
  private static double ratio(double semitones) {
    return StrictMath.pow(2, semitones / 12);
  }

  private static int samples(double seconds) {
    return (int) Math.round(seconds * SAMPLE_RATE);
  }

  /** Spreads two numbers over one seed, so that neighbours draw unrelated numbers. */
  private static long mix(long seed, long stream) {
    return new SplittableRandom(seed ^ (stream * 0x9E3779B97F4A7C15L)).nextLong();
  }
}
