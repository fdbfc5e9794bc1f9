package dev.cadenza.examples.ser;

import dev.cadenza.examples.ser.RavdessName.Intensity;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A speaker made of arithmetic: glottal pulses and noise through the resonances of a vocal tract.
 *
 * <p>The source is a train of Rosenberg pulses with jitter and shimmer, softened by a low-pass,
 * plus noise while the glottis is open; five resonators in cascade form the vowels, one more the
 * noise of consonants (Rosenberg 1971; Klatt 1980). Speakers differ in the length of the vocal
 * tract, the base pitch and their habits; emotions in the traits of {@link SpeakingStyle}; takes in
 * a bit of everything. How far they differ is set so that emotions overlap as they do in acted
 * speech, and so that an emotion of one speaker can sound like another emotion of the next.
 *
 * <p>The same seed gives the same samples on every machine: all functions come from {@link
 * StrictMath}. Immutable and thread-safe.
 */
public final class SyntheticVoice {

  /** Samples per second, as in RAVDESS. */
  public static final int SAMPLE_RATE = 48_000;

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
  private final SpeakingStyle habits;

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
    this.basePitch = (male ? 118 : 205) * ratio(2.0 * SourceFilter.gaussian(random));
    // A woman's vocal tract is about 15 % shorter.
    this.formantScale = (male ? 1 : 1.17) * (1 + 0.04 * SourceFilter.gaussian(random));
    this.expressiveness = StrictMath.exp(0.2 * SourceFilter.gaussian(random));
    this.habits = SpeakingStyle.OF_SPEAKERS.drawn(random);
  }

  /**
   * Speaks one clip.
   *
   * @param name what to say and how; its actor should be the one of this voice
   * @return mono samples within -1 and 1, about 3.3 s: a second of silence, the statement, silence
   */
  public float[] speak(RavdessName name) {
    SplittableRandom random = new SplittableRandom(mix(seed, name.stem().hashCode()));
    SpeakingStyle style = style(name, random);
    float[] speech =
        SourceFilter.render(
            articulate(Phone.STATEMENTS.get(name.statement() - 1), style, random),
            Math.max(0.02, style.breath()),
            Math.min(1, Math.max(0, style.tension())),
            Math.max(0.002, style.jitter()),
            random);
    return inRoom(speech, NEUTRAL_DBFS + style.level(), random);
  }

  /** Neutral, plus how far the emotion leads away from it, plus what is this speaker and take. */
  private SpeakingStyle style(RavdessName name, SplittableRandom random) {
    double strength = expressiveness * (name.intensity() == Intensity.STRONG ? 1.15 : 0.8);
    return SpeakingStyle.of(Emotion.NEUTRAL)
        .towards(SpeakingStyle.of(name.emotion()), strength)
        .plus(habits)
        .plus(SpeakingStyle.OF_TAKES.drawn(random));
  }

  private SourceFilter.Tracks articulate(
      List<Phone> phones, SpeakingStyle style, SplittableRandom random) {
    double speed = StrictMath.exp(style.rate());
    int[] ends = new int[phones.size()];
    double end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += phones.get(i).ms() / speed * (1 + 0.08 * SourceFilter.gaussian(random));
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
          style.pitch()
              + style.range() * phone.accent()
              + style.slope() * (time - 0.5)
              + style.ending() * Math.max(0, (time - 0.8) / 0.2);
      tracks.pitch[ms] = semitones;
      tracks.voice[ms] = phone.voice();
      tracks.noise[ms] = phone.noise();
      tracks.noiseHz[ms] = phone.noiseHz();
      tracks.formants[0][ms] = phone.f1() * formantScale;
      tracks.formants[1][ms] = phone.f2() * formantScale;
      tracks.formants[2][ms] = phone.f3() * formantScale;
    }
    smooth(tracks.pitch, PITCH_MS);
    smooth(tracks.voice, LOUDNESS_MS);
    smooth(tracks.noise, LOUDNESS_MS);
    for (double[] formant : tracks.formants) {
      smooth(formant, TONGUE_MS);
    }
    for (int ms = 0; ms < n; ms++) {
      double turn = tremorPhase + TREMOR_HZ * ms / 1000;
      double tremor = style.tremor() * StrictMath.sin(2 * Math.PI * turn);
      tracks.pitch[ms] = basePitch * ratio(tracks.pitch[ms] + tremor);
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
