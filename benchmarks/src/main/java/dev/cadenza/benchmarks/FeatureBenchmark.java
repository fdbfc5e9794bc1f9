package dev.cadenza.benchmarks;

import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.FeatureTransform;
import dev.cadenza.audio.feature.Features;
import dev.cadenza.audio.feature.LogMel;
import dev.cadenza.audio.feature.Mfcc;
import dev.cadenza.shape.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** The features of one clip of 3 s at 48 kHz, on one core. */
public class FeatureBenchmark extends CadenzaBenchmark {
  @Param({"mfcc 40x282", "log-mel 128x563"})
  String feature;

  private final float[] clip = Inputs.normal(Shape.of(144_000), 1);
  private FeatureTransform transform;

  @Setup
  public void setUp() {
    transform =
        switch (feature) {
          case "mfcc 40x282" -> mfcc();
          case "log-mel 128x563" -> logMel();
          default -> throw new IllegalArgumentException("feature: there is no '" + feature + "'");
        };
  }

  /** The input of the preset {@code two-branch}. */
  static Mfcc mfcc() {
    return Mfcc.librosa()
        .sampleRate(48_000)
        .nMfcc(40)
        .nFft(1024)
        .winLength(512)
        .hopLength(512)
        .window(Window.HAMMING)
        .fMax(24_000);
  }

  /** The input of the preset {@code parallel}. */
  private static LogMel logMel() {
    return LogMel.librosa()
        .sampleRate(48_000)
        .nFft(1024)
        .winLength(512)
        .hopLength(256)
        .window(Window.HAMMING)
        .fMax(24_000)
        .refMax();
  }

  @Benchmark
  public Features apply() {
    return transform.apply(clip);
  }
}
