package dev.cadenza.audio.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.PadMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FeatureStreamTest {
  static Stream<MelConfig<?>> configs() {
    LogMel librosa = LogMel.librosa().nFft(512).hopLength(200).nMels(20).topDb(null);
    return Stream.of(
        librosa,
        librosa.nFft(511).winLength(300),
        librosa.hopLength(700),
        librosa.center(false),
        librosa.padMode(PadMode.REFLECT),
        librosa.padMode(PadMode.EDGE).hopLength(61),
        librosa.padMode(PadMode.SYMMETRIC),
        Mfcc.librosa().nFft(256).hopLength(64).nMels(30).topDb(null),
        LogMel.torchaudio().nMels(20),
        LogMel.kaldi(),
        LogMel.kaldi().alignment(Alignment.HOP_CENTERED),
        LogMel.kaldi().energy(LogMel.Energy.FIRST),
        Mfcc.kaldi(),
        Mfcc.htk());
  }

  @ParameterizedTest
  @MethodSource("configs")
  void framesAreThoseOfTheWholeSignalBitForBit(MelConfig<?> config) {
    SplittableRandom random = new SplittableRandom(2);
    for (int n : new int[] {512, 513, 1023, 1025, 3000, 9001, 60_000}) {
      float[] signal = Signals.noise(n, n);
      Features whole = config.apply(signal);
      for (int largest : new int[] {1, 300, 5000, 100_000}) {
        if (largest > 1 || n < 4000) {
          assertThat(streamed(config, signal, largest, random))
              .as("%d samples in pieces of up to %d", n, largest)
              .isEqualTo(columns(whole));
        }
      }
    }
  }

  @Test
  void aShortSignalIsTreatedAsAWhole() {
    LogMel config = LogMel.torchaudio().nMels(10);
    float[] signal = Signals.noise(300, 1);
    FeatureStream stream = FeatureStream.of(config);
    assertThat(stream.push(signal).frames()).isZero();
    assertThat(stream.finish().values()).containsExactly(config.apply(signal).values());
    assertThat(FeatureStream.of(config).finish()).hasToString("Features[10, 0]");
  }

  @Test
  void aFrameComesOutWithItsLastSample() {
    LogMel config = LogMel.librosa().nFft(512).hopLength(100).topDb(null).center(false);
    FeatureStream stream = FeatureStream.of(config);
    assertThat(stream.delaySamples()).isEqualTo(512);
    assertThat(stream.push(new float[511]).frames()).isZero();
    assertThat(stream.push(new float[1]).frames()).isEqualTo(1);
    assertThat(stream.push(new float[99]).frames()).isZero();
    assertThat(stream.push(new float[1]).frames()).isEqualTo(1);
  }

  @Test
  void whatAStreamCannotKnowIsRefused() {
    assertThatThrownBy(() -> FeatureStream.of(LogMel.librosa()))
        .hasMessage(
            "stream: LogScale[unit=DECIBEL, ref=1.0, amin=1.0E-10, topDb=80.0] needs the maximum of"
                + " the whole clip; give a ref and set topDb(null)");
    assertThatThrownBy(() -> FeatureStream.of(LogMel.librosa().topDb(null).padMode(PadMode.WRAP)))
        .hasMessage("stream: padMode=WRAP needs the end of the signal at its start");
    FeatureStream stream = FeatureStream.of(LogMel.librosa().topDb(null));
    assertThatThrownBy(() -> stream.push(0, Float.NaN))
        .hasMessage("stream: sample 1 of 2 is NaN, all samples must be finite");
    stream.finish();
    assertThatThrownBy(stream::finish).hasMessage("stream: finish() was called before");
    assertThatThrownBy(() -> stream.push(1))
        .hasMessage("stream: finish() was called, nothing can follow");
  }

  private static List<List<Float>> streamed(
      MelConfig<?> config, float[] signal, int largest, SplittableRandom random) {
    FeatureStream stream = FeatureStream.of(config);
    List<List<Float>> columns = new ArrayList<>();
    for (int at = 0; at < signal.length; ) {
      int end = Math.min(signal.length, at + 1 + random.nextInt(largest));
      columns.addAll(columns(stream.push(Arrays.copyOfRange(signal, at, end))));
      at = end;
    }
    columns.addAll(columns(stream.finish()));
    return columns;
  }

  private static List<List<Float>> columns(Features features) {
    List<List<Float>> columns = new ArrayList<>();
    for (int t = 0; t < features.frames(); t++) {
      List<Float> column = new ArrayList<>();
      for (int f = 0; f < features.bins(); f++) {
        column.add(features.get(f, t));
      }
      columns.add(column);
    }
    return columns;
  }
}
