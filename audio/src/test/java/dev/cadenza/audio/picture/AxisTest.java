package dev.cadenza.audio.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.dsp.MelScale;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AxisTest {

  @Test
  void evenTicksAreOneTwoOrFiveTimesAPowerOfTen() {
    assertThat(labels(Axis.even(0, 3.2), 800, 70))
        .containsExactly("0", "0.5", "1", "1.5", "2", "2.5", "3");
    assertThat(labels(Axis.even(-0.13, 0.13), 200, 24))
        .containsExactly("-0.1", "-0.05", "0", "0.05", "0.1");
    assertThat(labels(Axis.even(-77.4, 2.6), 200, 24))
        .containsExactly("-70", "-60", "-50", "-40", "-30", "-20", "-10", "0");
    assertThat(labels(Axis.even(0, 3600), 800, 70))
        .containsExactly("0", "500", "1000", "1500", "2000", "2500", "3000", "3500");
    assertThat(labels(Axis.even(0, 0.0004), 100, 50)).containsExactly("0", "0.0002", "0.0004");
  }

  @Test
  void rowsHaveWholeNumbers() {
    assertThat(labels(Axis.rows(3), 400, 20)).containsExactly("0", "1", "2");
    assertThat(labels(Axis.rows(40), 200, 24))
        .containsExactly("0", "5", "10", "15", "20", "25", "30", "35");
  }

  @Test
  void unevenAxesHaveRoundFrequencies() {
    Axis mel = Axis.mel(0, 8000, MelScale.SLANEY);
    assertThat(mel.ticks(200, 24).stream().map(Axis::hertz))
        .containsExactly("0", "500", "1k", "2k", "3k", "5k");
    Axis log = Axis.logarithmic(23.4, 24_000);
    assertThat(log.ticks(200, 24).stream().map(Axis::hertz))
        .containsExactly("30", "100", "300", "1k", "3k", "10k");
    assertThat(Axis.hertz(1500)).isEqualTo("1.5k");
  }

  /** By Slaney's formula, 1 kHz is 15 mels and 6.4 kHz 42. */
  @Test
  void valuesStandWhereTheScaleSays() {
    Axis mel = Axis.mel(0, 6400, MelScale.SLANEY);
    assertThat(mel.place(1000)).isCloseTo(15.0 / 42, within(1e-12));
    assertThat(mel.value(15.0 / 42)).isCloseTo(1000, within(1e-9));
    Axis log = Axis.logarithmic(10, 1000);
    assertThat(log.place(100)).isCloseTo(0.5, within(1e-12));
    assertThat(log.value(0.25)).isCloseTo(Math.pow(10, 1.5), within(1e-9));
    assertThat(Axis.even(-2, 6).place(0)).isEqualTo(0.25);
  }

  static Stream<Axis> axes() {
    return Stream.of(
        Axis.even(0, 1),
        Axis.even(-3e-7, 8e-7),
        Axis.even(-123456, 98765),
        Axis.even(3.999, 4.001),
        Axis.rows(1),
        Axis.rows(128),
        Axis.mel(0, 24_000, MelScale.SLANEY),
        Axis.mel(20, 4000, MelScale.HTK),
        Axis.logarithmic(1, 22_050));
  }

  @ParameterizedTest
  @MethodSource("axes")
  void ticksKeepTheirDistanceAndStayInside(Axis axis) {
    for (int length : new int[] {60, 100, 237, 800}) {
      List<Double> ticks = axis.ticks(length, 24);
      assertThat(ticks).as("%s over %d", axis, length).isNotEmpty();
      for (int i = 0; i < ticks.size(); i++) {
        assertThat(axis.place(ticks.get(i))).isBetween(-1e-9, 1 + 1e-9);
        if (i > 0) {
          double apart = length * (axis.place(ticks.get(i)) - axis.place(ticks.get(i - 1)));
          assertThat(apart).isGreaterThanOrEqualTo(24 - 1e-6);
        }
      }
    }
  }

  private static List<String> labels(Axis axis, double length, double spacing) {
    return axis.ticks(length, spacing).stream().map(Axis::label).toList();
  }
}
