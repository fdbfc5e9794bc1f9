package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.audio.Audio;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrontEndTest {

  @ParameterizedTest
  @EnumSource
  void features_are_as_large_as_the_network_wants_them(Preset preset) {
    FrontEnd frontEnd = new FrontEnd(preset.features());
    assertThat(frontEnd.bins()).isEqualTo(preset.network().bands());
    assertThat(frontEnd.frames()).isEqualTo(preset.network().frames());
    float[] features = frontEnd.features(frontEnd.signal(Tiny.tone(2, 0.5)));
    assertThat(features).hasSize(preset.network().bands() * preset.network().frames());
  }

  @Test
  void the_signal_is_the_window_of_the_clip_and_zeros() {
    FrontEnd frontEnd = new FrontEnd(Preset.TWO_BRANCH.features());
    float[] clip = Tiny.tone(2, 0.5).samples();
    float[] signal = frontEnd.signal(Audio.mono(clip, 48_000));
    assertThat(signal).hasSize(144_000);
    assertThat(Arrays.copyOf(signal, 72_000)).isEqualTo(Arrays.copyOfRange(clip, 24_000, 96_000));
    assertThat(Arrays.copyOfRange(signal, 72_000, 144_000)).isEqualTo(new float[72_000]);
    assertThat(frontEnd.signal(Tiny.tone(4, 0.5).resample(44_100))).hasSize(144_000);
    assertThat(frontEnd.signal(Tiny.tone(0.2, 0.5))).isEqualTo(new float[144_000]);
  }

  @Test
  void prints_all_that_decides_the_features() {
    assertThat(new FrontEnd(Preset.TWO_BRANCH.features()))
        .asString()
        .startsWith("skip=0.5 s, take=3.0 s, Mfcc[Settings[nMfcc=40, ")
        .contains("sampleRate=48000, nFft=1024, winLength=512, hop=512", "nMels=128");
    assertThat(new FrontEnd(Preset.PARALLEL.features()))
        .asString()
        .startsWith("skip=0.5 s, take=3.0 s, LogMel[")
        .contains("hop=256");
  }
}
