package dev.cadenza.benchmarks;

import dev.cadenza.audio.dsp.Resampler;
import dev.cadenza.shape.Shape;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Resampling of 3 s at 44.1 kHz to 16 kHz, on one core, by a filter that is already designed. */
public class ResamplerBenchmark extends CadenzaBenchmark {
  @Param({"HIGH", "BEST"})
  Resampler.Quality quality;

  private final float[] clip = Inputs.normal(Shape.of(3 * 44_100), 1);

  @Benchmark
  public float[] resample() {
    return Resampler.of(44_100, 16_000, quality).resample(clip);
  }
}
