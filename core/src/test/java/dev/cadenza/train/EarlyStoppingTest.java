package dev.cadenza.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class EarlyStoppingTest {

  @Test
  void waits_for_a_better_epoch_and_no_longer() {
    EarlyStopping stopping = new EarlyStopping(2);
    assertThat(stopping.isOver()).isFalse();
    assertThat(stopping.isBest(0, 0.3)).isTrue();
    assertThat(stopping.isBest(1, 0.2)).isFalse();
    assertThat(stopping.isBest(2, 0.5)).isTrue();
    assertThat(stopping.isBest(3, 0.4)).isFalse();
    assertThat(stopping.isOver()).isFalse();
    assertThat(stopping.isBest(4, 0.4)).isFalse();
    assertThat(stopping.isOver()).isTrue();
    assertThat(stopping.bestEpoch()).isEqualTo(2);
    assertThat(stopping.bestScore()).isEqualTo(0.5);
  }

  @Test
  void an_equal_score_and_nan_are_not_better() {
    EarlyStopping stopping = new EarlyStopping(1);
    assertThat(stopping.isBest(0, Double.NaN)).isFalse();
    assertThat(stopping.isBest(1, 0.5)).isTrue();
    assertThat(stopping.isBest(2, 0.5)).isFalse();
    assertThat(stopping.isOver()).isTrue();
    assertThat(stopping.bestEpoch()).isEqualTo(1);
  }

  @Test
  void refuses_to_have_no_patience() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new EarlyStopping(0))
        .withMessage("earlyStopping: patience=0 must be at least 1");
  }
}
