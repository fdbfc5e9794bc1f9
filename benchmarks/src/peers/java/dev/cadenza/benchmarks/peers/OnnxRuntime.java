package dev.cadenza.benchmarks.peers;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.cadenza.benchmarks.Inputs;
import dev.cadenza.benchmarks.NetworkSpec;
import dev.cadenza.kernel.Threads;
import dev.cadenza.shape.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/**
 * ONNX Runtime with all its graph optimizations, on the network as {@link OnnxExport} writes it.
 */
final class OnnxRuntime implements Contender {
  private final OrtSession session;
  private final Map<String, OnnxTensor> input;
  private final float[] probabilities;

  private OnnxRuntime(NetworkSpec spec) throws OrtException {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    byte[] model = OnnxExport.model(spec.settings().build(Inputs.weights()), spec.input());
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Threads.count());
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
      session = environment.createSession(model, options);
    }
    input =
        Map.of(
            OnnxExport.INPUT,
            OnnxTensor.createTensor(
                environment,
                direct(Inputs.normal(spec.input(), 1)),
                Arrays.stream(spec.input().dims()).asLongStream().toArray()));
    probabilities = new float[Shape.of(spec.batch(), spec.settings().classes()).size()];
  }

  static Contender prepare(Job job, boolean exact) {
    if (job.kind() != Job.Kind.PREDICT) {
      throw new IllegalArgumentException("ONNX Runtime predicts only, it cannot " + job);
    }
    try {
      return new OnnxRuntime(Cadenza.spec(job, exact));
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  private static FloatBuffer direct(float[] values) {
    return ByteBuffer.allocateDirect(Float.BYTES * values.length)
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer()
        .put(values)
        .flip();
  }

  @Override
  public void run() {
    try (OrtSession.Result result = session.run(input)) {
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(probabilities);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Map<String, float[]> values() {
    run();
    return Map.of("probabilities", probabilities);
  }

  @Override
  public void close() {
    input.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
