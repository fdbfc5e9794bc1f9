package dev.cadenza.benchmarks.peers;

import dev.cadenza.benchmarks.Inputs;
import dev.cadenza.benchmarks.LayerRun;
import dev.cadenza.benchmarks.LayerSpec;
import dev.cadenza.kernel.Threads;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;

/** DL4J's layers, forward and backward, where it has the layer. */
final class Dl4j implements Contender {
  private final MultiLayerNetwork net;
  private final INDArray input;
  private final INDArray upstream;

  private Dl4j(LayerSpec spec, boolean exact) {
    NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(Threads.count());
    LayerRun ours = new LayerRun(spec, !exact);
    Map<String, Tensor> weights = ours.layer().parameters();
    net =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(42)
                .activation(Activation.IDENTITY)
                .list(layers(spec, exact).toArray(Layer[]::new))
                .build());
    net.init();
    // Batch norms start from 1 and 0 on both sides.
    switch (spec.type()) {
      case "ConvBlock" -> setWeights(weights, "0.", false);
      case "Conv2d" -> setWeights(weights, "", false);
      case "Linear" -> setWeights(weights, "", true);
      default -> {}
    }
    input = array(Inputs.normal(spec.input(), 1), flatRows(spec.input().dims()));
    upstream = array(Inputs.normal(ours.output(), 2), flatRows(ours.output().dims()));
  }

  static Contender prepare(Job job, boolean exact) {
    if (job.kind() != Job.Kind.LAYER) {
      throw new IllegalArgumentException("DL4J runs layers here, not " + job);
    }
    return new Dl4j(LayerSpec.parse(job.what()), exact);
  }

  private static List<Layer> layers(LayerSpec spec, boolean exact) {
    return switch (spec.type()) {
      case "ConvBlock" ->
          List.of(
              conv(spec),
              batchNorm(spec.size(1)),
              relu(),
              pool(spec.size(2), spec.size(3)),
              new DropoutLayer(exact ? 1 : 1 - LayerSpec.CONV_DROPOUT)); // the part that stays
      case "Conv2d" -> List.of(conv(spec));
      case "BatchNorm2d" -> List.of(batchNorm(spec.size(0)));
      case "ReLU" -> List.of(relu());
      case "MaxPool2d" -> List.of(pool(spec.size(0), spec.size(1)));
      case "Linear" ->
          List.of(new DenseLayer.Builder().nIn(spec.size(0)).nOut(spec.size(1)).build());
      default -> throw new IllegalArgumentException("DL4J has no '" + spec.type() + "'");
    };
  }

  private static Layer conv(LayerSpec spec) {
    return new ConvolutionLayer.Builder(3, 3)
        .padding(1, 1)
        .nIn(spec.size(0))
        .nOut(spec.size(1))
        .build();
  }

  private static Layer batchNorm(int channels) {
    return new BatchNormalization.Builder().nIn(channels).nOut(channels).eps(1e-5).build();
  }

  private static Layer relu() {
    return new ActivationLayer(Activation.RELU);
  }

  private static Layer pool(int h, int w) {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
        .kernelSize(h, w)
        .stride(h, w)
        .build();
  }

  private void setWeights(Map<String, Tensor> weights, String prefix, boolean transposed) {
    weights.forEach(
        (key, t) -> {
          INDArray a = array(t.toFloatArray(), t.shape().dims());
          if (key.equals(prefix + "weight")) {
            net.setParam("0_W", transposed ? a.transpose() : a);
          } else if (key.equals(prefix + "bias")) {
            net.setParam("0_b", a.reshape(1, a.length()));
          }
        });
  }

  private static INDArray array(float[] values, int... dims) {
    return Nd4j.createFromArray(values).reshape(Arrays.stream(dims).asLongStream().toArray());
  }

  /** DL4J's dense layers take rows: all axes but the last become one. */
  private static int[] flatRows(int... dims) {
    return dims.length != 3 ? dims : new int[] {dims[0] * dims[1], dims[2]};
  }

  @Override
  public void run() {
    step();
  }

  private record Step(INDArray output, INDArray inputGradient) {}

  private Step step() {
    net.setInput(input);
    List<INDArray> activations = net.feedForward(true, false);
    Pair<Gradient, INDArray> gradients = net.backpropGradient(upstream, null);
    return new Step(activations.get(activations.size() - 1), gradients.getSecond());
  }

  @Override
  public Map<String, float[]> values() {
    Step step = step();
    Map<String, float[]> values = new LinkedHashMap<>();
    values.put("output", floats(step.output()));
    values.put("input", floats(step.inputGradient()));
    return values;
  }

  private static float[] floats(INDArray a) {
    return a.dup('c').data().asFloat();
  }
}
