package dev.cadenza.benchmarks;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A layer in evaluation, and forward and back in training. Subclasses choose the layers. */
public abstract class LayerBenchmark extends CadenzaBenchmark {
  LayerRun run;

  abstract String layer();

  @Setup
  public void setUp() {
    run = new LayerRun(LayerSpec.parse(layer()), true);
  }

  @Benchmark
  public void forward() {
    run.forward();
  }

  @Benchmark
  public void forwardBackward() {
    run.forwardBackward();
  }

  /** Every layer of both presets at batch 32. */
  public static class OfTheNetworks extends LayerBenchmark {
    @Param({
      "ConvBlock 1 16 2 2 on 32x1x40x282",
      "ConvBlock 16 32 4 4 on 32x16x20x141",
      "ConvBlock 32 64 4 4 on 32x32x5x35",
      "ConvBlock 1 16 2 2 on 32x1x128x563",
      "ConvBlock 16 32 4 4 on 32x16x64x281",
      "ConvBlock 32 64 4 4 on 32x32x16x70",
      "ConvBlock 64 64 4 4 on 32x64x4x17",
      "Conv2d 16 32 on 32x16x20x141",
      "BatchNorm2d 32 on 32x32x20x141",
      "ReLU on 32x32x20x141",
      "MaxPool2d 4 4 on 32x32x20x141",
      "MaxPool2d 1 4 on 32x1x40x282",
      "MaxPool2d 2 4 on 32x1x128x563",
      "Dropout on 32x70x512",
      "Linear 40 512 on 32x70x40",
      "Linear 1064 8 on 32x1064",
      "Linear 320 8 on 32x320",
      "LayerNorm 40 on 32x70x40",
      "LayerNorm 64 on 32x140x64",
      "MultiHeadAttention 40 4 on 32x70x40",
      "MultiHeadAttention 64 4 on 32x140x64",
      "FeedForward 40 512 on 32x70x40",
      "EncoderLayer 40 4 512 on 32x70x40",
      "EncoderLayer 64 4 512 on 32x140x64",
      "Softmax on 32x8",
      "CrossEntropy on 32x8"
    })
    String layer;

    @Override
    String layer() {
      return layer;
    }
  }

  /** Sizes that divide by nothing: edges of tiles, tails of vectors. */
  public static class AwkwardSizes extends LayerBenchmark {
    @Param({
      "ConvBlock 1 7 2 2 on 1x1x13x207",
      "ConvBlock 3 13 3 5 on 7x3x41x97",
      "Conv2d 7 13 on 1x7x13x1021",
      "Conv2d 1 1 on 1x1x1021x1021",
      "BatchNorm2d 13 on 7x13x41x97",
      "MaxPool2d 3 7 on 13x7x41x207",
      "Linear 207 1021 on 13x207",
      "Linear 1021 7 on 1x1021",
      "LayerNorm 207 on 13x7x207",
      "MultiHeadAttention 39 3 on 7x13x39",
      "MultiHeadAttention 13 1 on 1x207x13",
      "EncoderLayer 21 3 207 on 7x41x21",
      "Softmax on 13x1021",
      "CrossEntropy on 207x13"
    })
    String layer;

    @Override
    String layer() {
      return layer;
    }
  }

  /** What fusing buys: the same layers by the compositions that define them. */
  public static class Fusions extends LayerBenchmark {
    @Param({
      "ConvBlock 1 16 2 2 on 32x1x40x282",
      "ConvBlock 16 32 4 4 on 32x16x20x141",
      "ConvBlock 32 64 4 4 on 32x32x5x35",
      "MultiHeadAttention 40 4 on 32x70x40",
      "EncoderLayer 40 4 512 on 32x70x40"
    })
    String layer;

    @Override
    String layer() {
      return layer;
    }

    @Benchmark
    public void composedForwardBackward() {
      run.composedForwardBackward();
    }
  }

  /** What other networks are made of. */
  public static class LargeShapes extends LayerBenchmark {
    @Param({
      "Conv2d 64 64 on 16x64x56x56",
      "Linear 1024 4096 on 128x1024",
      "MultiHeadAttention 512 8 on 8x512x512"
    })
    String layer;

    @Override
    String layer() {
      return layer;
    }
  }
}
