package dev.cadenza.benchmarks;

import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Pass;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** Prints the time from the start of the JVM to the first prediction, and what it goes to. */
public final class FirstPrediction {
  private FirstPrediction() {}

  public static void main(String[] args) {
    float[] clip = Inputs.normal(Shape.of(144_000), 1);
    long start = System.nanoTime();
    double jvm = System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    // The first array loads ND4J and its natives.
    Tensor.zeros(1);
    long nd4j = System.nanoTime();
    Layer net = ParallelCnnTransformer.twoBranch().build(Inputs.weights());
    float[] mfcc = FeatureBenchmark.mfcc().apply(clip).values();
    float[] p = net.forward(Tensor.of(mfcc, 1, 1, 40, 282), Pass.eval()).softmax(-1).toFloatArray();
    long end = System.nanoTime();
    System.out.printf(
        Locale.ROOT,
        "first prediction after %.0f ms: JVM %.0f, ND4J %.0f, ours %.0f (%d classes)%n",
        jvm + (end - start) / 1e6,
        jvm,
        (nd4j - start) / 1e6,
        (end - nd4j) / 1e6,
        p.length);
  }
}
