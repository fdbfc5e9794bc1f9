package dev.cadenza.optim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Values from PyTorch 2.13; rates are below 1, computed by a few roundings: 1e-15. */
class ScheduleTest {
  private static void assertRates(Schedule schedule, double... expected) {
    double[] rates = IntStream.range(0, expected.length).mapToDouble(schedule::at).toArray();
    assertThat(rates).containsExactly(expected, within(1e-15));
  }

  @Test
  void constant_stays() {
    assertRates(Schedule.constant(0.1), 0.1, 0.1, 0.1);
  }

  @Test
  void step_equals_step_lr() {
    assertRates(Schedule.step(0.1, 3, 0.5), 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025);
  }

  @Test
  void cosine_equals_cosine_annealing_lr_and_then_stays() {
    assertRates(
        Schedule.cosine(0.1, 0.01, 5),
        0.1,
        0.09140576474687263,
        0.06890576474687263,
        0.04109423525312736,
        0.018594235253127367,
        0.01,
        0.01,
        0.01);
  }

  @Test
  void warm_up_equals_linear_lr_before_the_schedule() {
    assertRates(
        Schedule.cosine(0.1, 0, 4).warmUp(3),
        0.025,
        0.05,
        0.07500000000000001,
        0.1,
        0.08535533905932738,
        0.05,
        0.014644660940672627,
        0.0);
  }

  @Test
  void durations_are_checked() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.cosine(0.1, 0, 0))
        .withMessage("schedule: duration=0 must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.step(0.1, -1, 0.5))
        .withMessage("schedule: period=-1 must be at least 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Schedule.constant(0.1).warmUp(0))
        .withMessage("schedule: duration=0 must be at least 1");
  }
}
