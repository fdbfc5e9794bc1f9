package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class AudioTest {

  private static final Audio STEREO = new Audio(new float[][] {{1, 0, 3, 5}, {0, 1, 1, 0}}, 2);

  @Test
  void knowsItsSize() {
    assertThat(STEREO.frames()).isEqualTo(4);
    assertThat(STEREO.channelCount()).isEqualTo(2);
    assertThat(STEREO.seconds()).isEqualTo(2);
    assertThat(STEREO).hasToString("Audio[2 channels, 2 Hz, 2.00 s]");
  }

  @Test
  void monoIsTheMeanOfChannels() {
    assertThat(STEREO.mono()).isEqualTo(Audio.mono(new float[] {0.5f, 0.5f, 2, 2.5f}, 2));
    assertThat(STEREO.samples()).containsExactly(0.5f, 0.5f, 2, 2.5f);
    assertThat(STEREO.channel(1).samples()).containsExactly(0, 1, 1, 0);
  }

  @Test
  void sliceCutsDownToWholeSamplesAndStopsAtTheEnd() {
    assertThat(STEREO.slice(0.9, 1.4).channel(0).samples()).containsExactly(0, 3);
    assertThat(STEREO.slice(1, Double.POSITIVE_INFINITY).channel(0).samples())
        .containsExactly(3, 5);
    assertThat(STEREO.slice(7, 1).frames()).isZero();
  }

  @Test
  void refusesWhatIsNoAudio() {
    assertThatThrownBy(() -> new Audio(new float[0][], 8000))
        .hasMessage("audio: no channels, expected at least one");
    assertThatThrownBy(() -> new Audio(new float[][] {{1}, {1, 2}}, 8000))
        .hasMessage("audio: lengths of channels differ, channel 0 has 1 samples, channel 1 has 2");
    assertThatThrownBy(() -> Audio.mono(new float[1], 0))
        .hasMessage("audio: sampleRate=0 Hz must be positive");
    assertThatThrownBy(() -> STEREO.channel(2)).hasMessage("audio: channel=2 must be 0 to 1");
    assertThatThrownBy(() -> STEREO.slice(-1, 1))
        .hasMessage("offset=-1.0 s must be zero or more, and finite");
    assertThatThrownBy(() -> STEREO.slice(0, Double.NaN))
        .hasMessage("duration=NaN s must be zero or more");
  }
}
