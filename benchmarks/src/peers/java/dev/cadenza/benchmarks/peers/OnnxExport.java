package dev.cadenza.benchmarks.peers;

import static dev.cadenza.benchmarks.peers.OnnxGraph.integer;
import static dev.cadenza.benchmarks.peers.OnnxGraph.ints;

import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A network in evaluation, softmax included, as an ONNX model for one input shape. */
final class OnnxExport {
  static final String INPUT = "clips";

  private final OnnxGraph graph = new OnnxGraph();
  private final ParallelCnnTransformer.Settings settings;
  private final Map<String, Tensor> state;
  private final int batch;

  private OnnxExport(ParallelCnnTransformer net, int batch) {
    this.settings = net.settings();
    this.state = net.state();
    this.batch = batch;
  }

  static byte[] model(ParallelCnnTransformer net, Shape input) {
    OnnxExport export = new OnnxExport(net, input.dim(0));
    String x = export.graph.input(INPUT, input.dims());
    return export.graph.model(export.network(x), input.dim(0), net.settings().classes());
  }

  private String network(String x) {
    List<String> embeddings = new ArrayList<>();
    for (int b = 1; b <= settings.branches(); b++) {
      embeddings.add(branch(x, "conv2Dblock" + b + "."));
    }
    embeddings.add(sequence(x));
    String all = graph.node("Concat", embeddings.toArray(String[]::new), integer("axis", 1));
    String[] head = {all, weight("fc1_linear.weight"), weight("fc1_linear.bias")};
    return node("Softmax", graph.node("Gemm", head, integer("transB", 1)), integer("axis", -1));
  }

  private String branch(String x, String prefix) {
    String y = x;
    for (int i = 0; i < settings.stages().size(); i++) {
      ParallelCnnTransformer.Stage stage = settings.stages().get(i);
      String conv = prefix + 5 * i + ".";
      String norm = prefix + (5 * i + 1) + ".";
      String[] in = {y, weight(conv + "weight"), weight(conv + "bias")};
      y = graph.node("Conv", in, ints("kernel_shape", 3, 3), ints("pads", 1, 1, 1, 1));
      String[] normed = {
        y,
        weight(norm + "weight"),
        weight(norm + "bias"),
        weight(norm + "running_mean"),
        weight(norm + "running_var")
      };
      y =
          maxPool(
              node("Relu", graph.node("BatchNormalization", normed)), stage.poolH(), stage.poolW());
    }
    return node("Flatten", y);
  }

  private String sequence(String x) {
    int embedding = settings.bands() / settings.reduceH();
    int steps = settings.frames() / settings.reduceW();
    String reduced = maxPool(x, settings.reduceH(), settings.reduceW());
    String y = transpose(reshape(reduced, batch, embedding, steps), 0, 2, 1);
    for (int i = 0; i < settings.layers(); i++) {
      y = encoderLayer(y, "transformer_encoder.layers." + i + ".", embedding, steps);
    }
    return node("ReduceMean", y, ints("axes", 1), integer("keepdims", 0));
  }

  private String encoderLayer(String x, String prefix, int e, int steps) {
    String attended = attention(x, prefix + "self_attn.", e, steps);
    String y = layerNorm(binary("Add", x, attended), prefix + "norm1.");
    String hidden = node("Relu", linear(y, prefix + "linear1.weight", prefix + "linear1.bias"));
    String fed = linear(hidden, prefix + "linear2.weight", prefix + "linear2.bias");
    return layerNorm(binary("Add", y, fed), prefix + "norm2.");
  }

  private String attention(String x, String prefix, int e, int steps) {
    int heads = settings.heads();
    int size = e / heads;
    String packed = linear(x, prefix + "in_proj_weight", prefix + "in_proj_bias");
    String[] qkv =
        graph.nodes("Split", 3, new String[] {packed, graph.constant(e, e, e)}, integer("axis", 2));
    String q = transpose(reshape(qkv[0], batch, steps, heads, size), 0, 2, 1, 3);
    String k = transpose(reshape(qkv[1], batch, steps, heads, size), 0, 2, 3, 1);
    String v = transpose(reshape(qkv[2], batch, steps, heads, size), 0, 2, 1, 3);
    String scale = graph.weight(new float[] {(float) (1 / Math.sqrt(size))});
    String scores = binary("MatMul", binary("Mul", q, scale), k);
    String context = binary("MatMul", node("Softmax", scores, integer("axis", -1)), v);
    String joined = reshape(transpose(context, 0, 2, 1, 3), batch, steps, e);
    return linear(joined, prefix + "out_proj.weight", prefix + "out_proj.bias");
  }

  private String layerNorm(String x, String prefix) {
    String[] in = {x, weight(prefix + "weight"), weight(prefix + "bias")};
    return graph.node("LayerNormalization", in, integer("axis", -1));
  }

  /** {@code x weight^T + bias} on the last of three axes. */
  private String linear(String x, String weight, String bias) {
    Tensor w = state(weight).transpose(0, 1);
    String transposed = graph.weight(w.toFloatArray(), w.shape().dims());
    return binary("Add", binary("MatMul", x, transposed), weight(bias));
  }

  private String maxPool(String x, int h, int w) {
    return node("MaxPool", x, ints("kernel_shape", h, w), ints("strides", h, w));
  }

  private String reshape(String x, long... dims) {
    return binary("Reshape", x, graph.constant(dims));
  }

  private String transpose(String x, long... order) {
    return node("Transpose", x, ints("perm", order));
  }

  private String node(String operator, String x, Protobuf... attributes) {
    return graph.node(operator, new String[] {x}, attributes);
  }

  private String binary(String operator, String a, String b) {
    return graph.node(operator, new String[] {a, b});
  }

  private String weight(String key) {
    Tensor t = state(key);
    return graph.weight(t.toFloatArray(), t.shape().dims());
  }

  private Tensor state(String key) {
    Tensor found = state.get(key);
    if (found == null) {
      throw new IllegalArgumentException("onnx: there is no parameter '" + key + "'");
    }
    return found;
  }
}
