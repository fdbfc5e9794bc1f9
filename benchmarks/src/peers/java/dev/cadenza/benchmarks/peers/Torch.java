package dev.cadenza.benchmarks.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.pooling.Pool;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import dev.cadenza.benchmarks.Inputs;
import dev.cadenza.benchmarks.LayerRun;
import dev.cadenza.benchmarks.LayerSpec;
import dev.cadenza.benchmarks.NetworkRun;
import dev.cadenza.benchmarks.NetworkSpec;
import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.nn.Layer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * PyTorch through DJL's functions, which are PyTorch's own operations; composed as PyTorch's
 * modules compose them, with the weights of a Cadenza layer under the same keys. Every run has its
 * own memory scope, and gradients are set to zero in place.
 */
final class Torch implements AutoCloseable {
  private final NDManager manager = NDManager.newBaseManager("PyTorch");
  private final Map<String, NDArray> state = new LinkedHashMap<>();
  private final List<String> trained;

  private Torch(Layer from, boolean training) {
    from.state().forEach((key, t) -> state.put(key, array(t.toFloatArray(), t.shape().dims())));
    trained = training ? List.copyOf(from.parameters().keySet()) : List.of();
    trained.forEach(key -> get(key).setRequiresGradient(true));
  }

  static Contender prepare(Job job, boolean exact) {
    return switch (job.kind()) {
      case TRAIN -> new Training(Cadenza.spec(job, exact), Cadenza.learningRate(exact));
      case PREDICT -> new Prediction(Cadenza.spec(job, exact));
      case LAYER -> new OneLayer(LayerSpec.parse(job.what()), exact);
    };
  }

  private NDArray array(float[] values, int... dims) {
    return manager.create(values, shape(dims));
  }

  private static Shape shape(int... dims) {
    return new Shape(IntStream.of(dims).asLongStream().toArray());
  }

  private NDArray get(String key) {
    NDArray found = state.get(key);
    if (found == null) {
      throw new IllegalArgumentException("torch: there is no parameter '" + key + "'");
    }
    return found;
  }

  private void zeroGradients() {
    trained.forEach(key -> JniUtils.zeroGrad((PtNDArray) get(key)));
  }

  @Override
  public void close() {
    manager.close();
  }

  // Layers; a prefix is the beginning of the keys of their parameters.

  NDArray conv(NDArray x, String prefix) {
    return Conv2d.conv2d(
            x, get(prefix + "weight"), get(prefix + "bias"), new Shape(1, 1), new Shape(1, 1))
        .head();
  }

  NDArray batchNorm(NDArray x, String prefix, boolean training) {
    // DJL's momentum is the weight of the old statistics.
    return BatchNorm.batchNorm(
            x,
            get(prefix + "running_mean"),
            get(prefix + "running_var"),
            get(prefix + "weight"),
            get(prefix + "bias"),
            1,
            0.9f,
            1e-5f,
            training)
        .head();
  }

  NDArray maxPool(NDArray x, int h, int w) {
    return Pool.maxPool2d(x, new Shape(h, w), new Shape(h, w), new Shape(0, 0), false);
  }

  NDArray dropout(NDArray x, double p, boolean training) {
    return p == 0 || !training ? x : Dropout.dropout(x, (float) p, training).head();
  }

  /** Block number {@code block} of a branch. */
  NDArray convBlock(
      NDArray x, String branch, int block, int poolH, int poolW, double p, boolean training) {
    String conv = branch + 5 * block + ".";
    String norm = branch + (5 * block + 1) + ".";
    NDArray y = Activation.relu(batchNorm(conv(x, conv), norm, training));
    return dropout(maxPool(y, poolH, poolW), p, training);
  }

  NDArray linear(NDArray x, String prefix) {
    return Linear.linear(x, get(prefix + "weight"), get(prefix + "bias")).head();
  }

  NDArray layerNorm(NDArray x, String prefix) {
    NDArray weight = get(prefix + "weight");
    return LayerNorm.layerNorm(x, weight.getShape(), weight, get(prefix + "bias"), 1e-5f).head();
  }

  NDArray attention(NDArray x, String prefix, int heads, double p, boolean training) {
    long n = x.getShape().get(0);
    long t = x.getShape().get(1);
    long e = x.getShape().get(2);
    long d = e / heads;
    NDArray weight = get(prefix + "in_proj_weight");
    NDArray packed = Linear.linear(x, weight, get(prefix + "in_proj_bias")).head();
    NDArray qkv = packed.reshape(n, t, 3, heads, d).transpose(2, 0, 3, 1, 4); // [3, N, A, T, D]
    NDArray scores =
        qkv.get(0)
            .mul(1 / Math.sqrt((double) d))
            .matMul(qkv.get(1).transpose(0, 1, 3, 2)); // [N, A, T, T]
    NDArray weights = dropout(scores.softmax(-1), p, training);
    NDArray context = weights.matMul(qkv.get(2)).transpose(0, 2, 1, 3).reshape(n, t, e);
    return linear(context, prefix + "out_proj.");
  }

  NDArray feedForward(NDArray x, String first, String second, double p, boolean training) {
    return linear(dropout(Activation.relu(linear(x, first)), p, training), second);
  }

  NDArray encoderLayer(NDArray x, String prefix, int heads, double p, boolean training) {
    NDArray attended = attention(x, prefix + "self_attn.", heads, p, training);
    NDArray y = layerNorm(x.add(dropout(attended, p, training)), prefix + "norm1.");
    NDArray fed = feedForward(y, prefix + "linear1.", prefix + "linear2.", p, training);
    return layerNorm(y.add(dropout(fed, p, training)), prefix + "norm2.");
  }

  NDArray network(NDArray x, ParallelCnnTransformer.Settings s, boolean training) {
    Stream<NDArray> images =
        IntStream.rangeClosed(1, s.branches()).mapToObj(b -> branch(x, b, s, training));
    Stream<NDArray> sequence = Stream.of(sequence(x, s, training));
    NDArray[] embeddings = Stream.concat(images, sequence).toArray(NDArray[]::new);
    NDArray all = NDArrays.concat(new NDList(embeddings), 1);
    return dropout(linear(all, "fc1_linear."), s.headDropout(), training);
  }

  private NDArray branch(
      NDArray x, int number, ParallelCnnTransformer.Settings s, boolean training) {
    NDArray y = x;
    for (int i = 0; i < s.stages().size(); i++) {
      ParallelCnnTransformer.Stage stage = s.stages().get(i);
      String prefix = "conv2Dblock" + number + ".";
      y = convBlock(y, prefix, i, stage.poolH(), stage.poolW(), s.convDropout(), training);
    }
    return y.reshape(y.getShape().get(0), -1);
  }

  private NDArray sequence(NDArray x, ParallelCnnTransformer.Settings s, boolean training) {
    NDArray y = maxPool(x, s.reduceH(), s.reduceW()).squeeze(1).transpose(0, 2, 1);
    for (int i = 0; i < s.layers(); i++) {
      String prefix = "transformer_encoder.layers." + i + ".";
      y = encoderLayer(y, prefix, s.heads(), s.transformerDropout(), training);
    }
    return y.mean(new int[] {1});
  }

  private NDArray layer(NDArray x, LayerSpec spec, boolean dropout) {
    double p = dropout ? LayerSpec.TRANSFORMER_DROPOUT : 0;
    return switch (spec.type()) {
      case "ConvBlock" ->
          convBlock(
              x, "", 0, spec.size(2), spec.size(3), dropout ? LayerSpec.CONV_DROPOUT : 0, true);
      case "Conv2d" -> conv(x, "");
      case "BatchNorm2d" -> batchNorm(x, "", true);
      case "MaxPool2d" -> maxPool(x, spec.size(0), spec.size(1));
      case "Linear" -> linear(x, "");
      case "ReLU" -> Activation.relu(x);
      case "LayerNorm" -> layerNorm(x, "");
      case "Dropout" -> dropout(x, p, true);
      case "MultiHeadAttention" -> attention(x, "", spec.size(1), p, true);
      case "FeedForward" -> feedForward(x, "0.", "3.", p, true);
      case "EncoderLayer" -> encoderLayer(x, "", spec.size(1), p, true);
      case "Softmax" -> x.softmax(-1);
      case "CrossEntropy" ->
          Loss.softmaxCrossEntropyLoss()
              .evaluate(new NDList(x.getManager().create(spec.labels())), new NDList(x));
      default -> throw new IllegalArgumentException("torch: there is no '" + spec.type() + "'");
    };
  }

  /** Forward, cross-entropy, backward, update. */
  private static final class Training implements Contender {
    private final NetworkSpec spec;
    private final Torch torch;
    private final NDArray clips;
    private final NDArray labels;
    private final Loss loss = Loss.softmaxCrossEntropyLoss();
    private final Optimizer sgd;

    Training(NetworkSpec spec, double learningRate) {
      this.spec = spec;
      torch = new Torch(spec.settings().build(Inputs.weights()), true);
      clips = torch.array(Inputs.normal(spec.input(), 1), spec.input().dims());
      labels = torch.manager.create(spec.labels());
      sgd =
          Optimizer.sgd()
              .setLearningRateTracker(Tracker.fixed((float) learningRate))
              .optMomentum((float) NetworkRun.MOMENTUM)
              .optWeightDecays((float) NetworkRun.WEIGHT_DECAY)
              .build();
    }

    @Override
    public void run() {
      step(loss -> {});
    }

    /** {@code reader} gets the loss. */
    private void step(Consumer<NDArray> reader) {
      try (NDManager scope = torch.manager.newSubManager();
          GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        clips.tempAttach(scope);
        NDArray logits = torch.network(clips, spec.settings(), true);
        NDArray value = loss.evaluate(new NDList(labels), new NDList(logits));
        collector.backward(value);
        JniUtils.setGradMode(false);
        for (String key : torch.trained) {
          NDArray parameter = torch.get(key);
          try (NDArray gradient = parameter.getGradient()) {
            sgd.update(key, parameter, gradient);
          }
        }
        torch.zeroGradients();
        reader.accept(value);
      }
    }

    @Override
    public Map<String, float[]> values() {
      float[] last = new float[1];
      return Cadenza.losses(
          () -> {
            step(value -> last[0] = value.getFloat());
            return last[0];
          });
    }

    @Override
    public void close() {
      torch.close();
    }
  }

  /** Forward and softmax. */
  private static final class Prediction implements Contender {
    private final NetworkSpec spec;
    private final Torch torch;
    private final NDArray clips;

    Prediction(NetworkSpec spec) {
      this.spec = spec;
      torch = new Torch(spec.settings().build(Inputs.weights()), false);
      clips = torch.array(Inputs.normal(spec.input(), 1), spec.input().dims());
    }

    private float[] predict() {
      JniUtils.setGradMode(false);
      try (NDManager scope = torch.manager.newSubManager()) {
        clips.tempAttach(scope);
        return torch.network(clips, spec.settings(), false).softmax(-1).toFloatArray();
      }
    }

    @Override
    public void run() {
      predict();
    }

    @Override
    public Map<String, float[]> values() {
      return Map.of("probabilities", predict());
    }

    @Override
    public void close() {
      torch.close();
    }
  }

  /** Forward and backward of one layer. */
  private static final class OneLayer implements Contender {
    private final LayerSpec spec;
    private final boolean dropout;
    private final Torch torch;
    private final NDArray input;
    private final NDArray upstream;

    OneLayer(LayerSpec spec, boolean exact) {
      this.spec = spec;
      dropout = !exact;
      LayerRun ours = new LayerRun(spec, dropout);
      torch = new Torch(ours.layer(), true);
      input = torch.array(Inputs.normal(spec.input(), 1), spec.input().dims());
      input.setRequiresGradient(!spec.first());
      upstream = torch.array(Inputs.normal(ours.output(), 2), ours.output().dims());
    }

    @Override
    public void run() {
      step(y -> {});
    }

    @Override
    public Map<String, float[]> values() {
      Map<String, float[]> values = new LinkedHashMap<>();
      step(
          y -> {
            values.put("output", y.toFloatArray());
            if (!spec.first()) {
              values.put("input", input.getGradient().toFloatArray());
            }
            torch.trained.forEach(
                key -> values.put(key, torch.get(key).getGradient().toFloatArray()));
          });
      return values;
    }

    /** {@code reader} gets the output while the gradients are there. */
    private void step(Consumer<NDArray> reader) {
      try (NDManager scope = torch.manager.newSubManager();
          GradientCollector collector = Engine.getInstance().newGradientCollector()) {
        input.tempAttach(scope);
        NDArray y = torch.layer(input, spec, dropout);
        JniUtils.backward((PtNDArray) y, (PtNDArray) upstream, false, false);
        reader.accept(y);
        torch.zeroGradients();
        if (!spec.first()) {
          JniUtils.zeroGrad((PtNDArray) input);
        }
      }
    }

    @Override
    public void close() {
      torch.close();
    }
  }
}
