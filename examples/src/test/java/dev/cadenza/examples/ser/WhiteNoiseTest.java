package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class WhiteNoiseTest {

  @Test
  void lies_so_far_below_the_signal() {
    float[] signal = Tiny.tone(3, 0.25).samples();
    float[] noisy = WhiteNoise.add(signal, 20, new SplittableRandom(1));
    double noise = 0;
    for (int i = 0; i < signal.length; i++) {
      noise += Math.pow(noisy[i] - signal[i], 2);
    }
    // Power of a sine is half of its squared amplitude; the estimate from n samples deviates by
    // sqrt(2 / n) = 0.0037, four times that is 0.065 dB.
    double snr = 10 * Math.log10(0.25 * 0.25 / 2 / (noise / signal.length));
    assertThat(snr).isCloseTo(20, within(0.065));
  }

  @Test
  void follows_the_seed_and_leaves_the_signal_alone() {
    float[] signal = Tiny.tone(0.01, 0.25).samples();
    float[] before = signal.clone();
    float[] noisy = WhiteNoise.add(signal, 20, new SplittableRandom(1));
    assertThat(signal).isEqualTo(before).isNotEqualTo(noisy);
    assertThat(WhiteNoise.add(signal, 20, new SplittableRandom(1))).isEqualTo(noisy);
    assertThat(WhiteNoise.add(signal, 20, new SplittableRandom(2))).isNotEqualTo(noisy);
  }

  @Test
  void silence_stays_silence() {
    assertThat(WhiteNoise.add(new float[100], 15, new SplittableRandom(1)))
        .isEqualTo(new float[100]);
  }
}
