package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Listens by numbers: measures the samples, without a look at what the voice meant to do. */
class SyntheticVoiceTest {

  private static final int RATE = SyntheticVoice.SAMPLE_RATE;
  private static final int FRAME = RATE / 25;

  /** Two strong takes of every emotion (neutral: normal ones) by eight actors. */
  private static final List<Heard> HEARD = new ArrayList<>();

  /** What a listener notes down about a clip. */
  private record Heard(
      Emotion emotion,
      int actor,
      double seconds,
      double level,
      double pitch,
      double pitchRange,
      double tilt) {}

  @BeforeAll
  static void listen() {
    for (int actor = 1; actor <= 8; actor++) {
      SyntheticVoice voice = new SyntheticVoice(actor, 42);
      for (Emotion emotion : Emotion.values()) {
        String intensity = emotion == Emotion.NEUTRAL ? "01" : "02";
        for (String take : List.of("01-01", "02-02")) {
          RavdessName name =
              RavdessName.parse(
                  String.format(
                      Locale.ROOT, "03-01-0%d-%s-%s-0%d", emotion.code(), intensity, take, actor));
          HEARD.add(heard(name, voice.speak(name)));
        }
      }
    }
    assertThat(HEARD).hasSize(8 * 8 * 2);
  }

  private static Stream<Heard> clipsOf(Emotion emotion) {
    return HEARD.stream().filter(clip -> clip.emotion == emotion);
  }

  private static double mean(Emotion emotion, ToDoubleFunction<Heard> what) {
    return clipsOf(emotion).mapToDouble(what).average().orElseThrow();
  }

  @Test
  void women_speak_higher_than_men() {
    double[] pitch = {0, 0};
    clipsOf(Emotion.NEUTRAL).forEach(clip -> pitch[clip.actor % 2] += clip.pitch / 8);
    assertThat(pitch[1]).as("men, semitones over 100 Hz").isBetween(0.0, 7.0);
    assertThat(pitch[0]).as("women, semitones over 100 Hz").isBetween(9.0, 16.0);
  }

  @Test
  void aroused_emotions_are_louder_and_higher_than_quiet_ones() {
    for (Emotion loud : List.of(Emotion.ANGRY, Emotion.HAPPY, Emotion.FEARFUL)) {
      for (Emotion quiet : List.of(Emotion.CALM, Emotion.SAD, Emotion.NEUTRAL)) {
        assertThat(mean(loud, Heard::level)).isGreaterThan(mean(quiet, Heard::level) + 3);
        assertThat(mean(loud, Heard::pitch)).isGreaterThan(mean(quiet, Heard::pitch) + 3);
      }
    }
    assertThat(mean(Emotion.ANGRY, Heard::level)).isBetween(-36.0, -24.0);
    assertThat(mean(Emotion.CALM, Heard::level)).isBetween(-52.0, -42.0);
  }

  @Test
  void surprise_moves_the_pitch_most_and_calm_least() {
    double surprised = mean(Emotion.SURPRISED, Heard::pitchRange);
    double calm = mean(Emotion.CALM, Heard::pitchRange);
    for (Emotion other : List.of(Emotion.NEUTRAL, Emotion.SAD, Emotion.FEARFUL)) {
      assertThat(mean(other, Heard::pitchRange)).isBetween(calm, surprised);
    }
    assertThat(surprised).isGreaterThan(2 * calm);
  }

  @Test
  void sadness_is_slow_and_fear_is_fast() {
    double sad = mean(Emotion.SAD, Heard::seconds);
    double fearful = mean(Emotion.FEARFUL, Heard::seconds);
    assertThat(mean(Emotion.NEUTRAL, Heard::seconds)).isBetween(fearful, sad);
    assertThat(sad).isGreaterThan(1.2 * fearful);
  }

  @Test
  void anger_is_bright_and_calm_is_dull() {
    assertThat(mean(Emotion.ANGRY, Heard::tilt)).isGreaterThan(mean(Emotion.CALM, Heard::tilt) + 2);
    assertThat(mean(Emotion.ANGRY, Heard::tilt)).isGreaterThan(mean(Emotion.SAD, Heard::tilt) + 1);
  }

  @Test
  void emotions_overlap() {
    // Were every calm clip softer than every disgusted one, the level alone would tell them apart.
    double loudestCalm = clipsOf(Emotion.CALM).mapToDouble(Heard::level).max().orElseThrow();
    double softestDisgust = clipsOf(Emotion.DISGUST).mapToDouble(Heard::level).min().orElseThrow();
    assertThat(loudestCalm).isGreaterThan(softestDisgust);
  }

  @Test
  void a_second_of_silence_leads_into_the_statement() {
    float[] clip = new SyntheticVoice(3, 1).speak(RavdessName.parse("03-01-05-01-01-01-03"));
    double onset =
        IntStream.range(0, clip.length)
            .filter(i -> Math.abs(clip[i]) > 0.01)
            .findFirst()
            .orElseThrow();
    assertThat(onset / RATE).isBetween(0.6, 1.5);
    assertThat(clip.length / (double) RATE).isBetween(2.5, 4.5);
    for (float sample : clip) {
      assertThat(sample).isBetween(-1f, 1f);
    }
  }

  @Test
  void takes_speakers_and_seeds_differ_and_the_same_seed_repeats() {
    RavdessName name = RavdessName.parse("03-01-03-01-01-01-05");
    RavdessName again = RavdessName.parse("03-01-03-01-01-02-05");
    float[] clip = new SyntheticVoice(5, 1).speak(name);
    assertThat(new SyntheticVoice(5, 1).speak(name)).isEqualTo(clip);
    assertThat(new SyntheticVoice(5, 1).speak(again)).isNotEqualTo(clip);
    assertThat(new SyntheticVoice(5, 2).speak(name)).isNotEqualTo(clip);
    assertThat(new SyntheticVoice(7, 1).speak(name)).isNotEqualTo(clip);
  }

  private static Heard heard(RavdessName name, float[] clip) {
    double[] power = new double[clip.length / FRAME];
    for (int i = 0; i < power.length; i++) {
      for (int t = i * FRAME; t < (i + 1) * FRAME; t++) {
        power[i] += clip[t] * clip[t] / (double) FRAME;
      }
    }
    double loudest = Arrays.stream(power).max().orElseThrow();
    int[] loud = IntStream.range(0, power.length).filter(i -> power[i] > loudest / 30).toArray();
    int first = loud[0];
    int last = loud[loud.length - 1];
    double level =
        10 * Math.log10(Arrays.stream(loud).mapToDouble(i -> power[i]).average().orElseThrow());
    double[] pitch =
        Arrays.stream(loud).mapToDouble(i -> pitch(clip, i * FRAME)).sorted().toArray();
    return new Heard(
        name.emotion(),
        name.actor(),
        (last + 1 - first) * FRAME / (double) RATE,
        level,
        pitch[pitch.length / 2],
        pitch[pitch.length * 9 / 10] - pitch[pitch.length / 10],
        tilt(clip, first * FRAME, (last + 1) * FRAME));
  }

  /** Semitones above 100 Hz of the strongest repetition within 70 to 600 Hz (autocorrelation). */
  private static double pitch(float[] clip, int from) {
    int best = 0;
    double most = Double.NEGATIVE_INFINITY;
    for (int lag = RATE / 600; lag < RATE / 70; lag += 2) {
      double sum = 0;
      for (int t = from; t < from + FRAME - RATE / 70; t += 3) {
        sum += clip[t] * clip[t + lag];
      }
      if (sum > most) {
        most = sum;
        best = lag;
      }
    }
    return 12 * Math.log(RATE / (100.0 * best)) / Math.log(2);
  }

  /** Power above 1 kHz relative to all power in dB (a one-pole low-pass taken away). */
  private static double tilt(float[] clip, int from, int to) {
    double step = 1 - Math.exp(-2 * Math.PI * 1000 / RATE);
    double low = 0;
    double high = 0;
    double all = 0;
    for (int t = from; t < to; t++) {
      low += step * (clip[t] - low);
      high += (clip[t] - low) * (clip[t] - low);
      all += clip[t] * clip[t];
    }
    return 10 * Math.log10(high / all);
  }
}
