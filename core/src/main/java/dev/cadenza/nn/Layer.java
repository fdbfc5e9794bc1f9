package dev.cadenza.nn;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.op.FusedOp;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Inference;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * A part of a network: named parameters, buffers and inner layers, and {@link #compute} that says
 * how they turn an input into an output. A subclass registers what it has in its constructor:
 *
 * <pre>{@code
 * weight = param("weight", Init.kaimingUniform(Math.sqrt(5), rng), out, in);
 * norm = child("norm", new LayerNorm(out));
 * }</pre>
 *
 * <p>The names are the keys of checkpoints: {@code encoder.layers.0.linear1.weight}. Evaluation is
 * thread-safe; training is not.
 */
public abstract class Layer {
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();
  private final Map<String, Tensor> buffers = new LinkedHashMap<>();
  private final List<Child> children = new ArrayList<>();

  private record Child(String prefix, Layer layer) {}

  /** The output for an input. */
  public final Tensor forward(Tensor x, Pass pass) {
    Tensor y = within(pass, () -> compute(x, pass));
    pass.observe(this, y);
    return y;
  }

  /** Runs {@code body}, recording if the pass does. */
  static Tensor within(Pass pass, Supplier<Tensor> body) {
    return pass.isRecording() ? body.get() : Tensor.withoutRecording(body);
  }

  /**
   * The value of a fused op, or of the composition it stands for where no kernel serves it. Who
   * observes the pass sees every inner layer, so there too the composition runs.
   */
  static Tensor fused(Pass pass, FusedOp op, Supplier<Tensor> composed, Tensor... in) {
    return pass.isObserved() ? composed.get() : Tensor.applyFused(op, composed, in);
  }

  /** What this layer computes. Called by {@link #forward}. */
  protected abstract Tensor compute(Tensor x, Pass pass);

  /** Registers a parameter: trained, saved, float32. */
  protected final Tensor param(String name, Init init, int... shape) {
    return register(parameters, name, leaf(init, Shape.of(shape)).tracked());
  }

  /** Registers a buffer: saved, not trained, float32. */
  protected final Tensor buffer(String name, Init init, int... shape) {
    return register(buffers, name, leaf(init, Shape.of(shape)));
  }

  /** Registers an inner layer, whose keys start with {@code name.}. */
  protected final <L extends Layer> L child(String name, L layer) {
    requireNew(name);
    children.add(new Child(name + ".", layer));
    return layer;
  }

  /** Registers an inner layer whose keys stand among this layer's own. */
  protected final <L extends Layer> L inline(L layer) {
    children.add(new Child("", layer));
    return layer;
  }

  private <T> T register(Map<String, T> where, String name, T what) {
    requireNew(name);
    where.put(name, what);
    return what;
  }

  private void requireNew(String name) {
    if (name.isEmpty()
        || name.endsWith(".")
        || parameters.containsKey(name)
        || buffers.containsKey(name)
        || children.stream().anyMatch(c -> c.prefix().equals(name + "."))) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: the name '%s' is empty, ends in a dot or is taken",
              getClass().getSimpleName(),
              name));
    }
  }

  private static Tensor leaf(Init init, Shape shape) {
    try (Workspace outside = Workspace.outside()) {
      return Tensor.of(Array.of(init.values(shape), shape));
    }
  }

  /** All parameters, trained ones only, by key in order of registration, outer layers first. */
  public final Map<String, Tensor> parameters() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk("", (prefix, layer) -> layer.parameters.forEach((k, v) -> put(all, prefix + k, v)));
    return Collections.unmodifiableMap(all);
  }

  /** All parameters and buffers by key: what a checkpoint holds. */
  public final Map<String, Tensor> state() {
    Map<String, Tensor> all = new LinkedHashMap<>();
    walk(
        "",
        (prefix, layer) -> {
          layer.parameters.forEach((k, v) -> put(all, prefix + k, v));
          layer.buffers.forEach((k, v) -> put(all, prefix + k, v));
        });
    return Collections.unmodifiableMap(all);
  }

  /** Keys can only meet where a layer is registered inline: what was lost would not be saved. */
  private void put(Map<String, Tensor> all, String key, Tensor value) {
    if (all.put(key, value) != null) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "%s: two parameters have the key '%s'",
              getClass().getSimpleName(),
              key));
    }
  }

  /** The number of trained numbers. */
  public final int parameterCount() {
    return parameters().values().stream().mapToInt(p -> p.shape().size()).sum();
  }

  /** Visits this layer and all inner ones with the prefix of their keys, outer layers first. */
  public final void walk(BiConsumer<String, Layer> visitor) {
    walk("", visitor);
  }

  private void walk(String prefix, BiConsumer<String, Layer> visitor) {
    visitor.accept(prefix, this);
    children.forEach(c -> c.layer().walk(prefix + c.prefix(), visitor));
  }

  /** Converts all parameters and buffers; gradient checks run in float64. Returns this layer. */
  public final Layer to(DType type) {
    try (Workspace outside = Workspace.outside()) {
      state().values().forEach(t -> t.replace(t.array().cast(type)));
    }
    return this;
  }

  /**
   * This layer in evaluation, made ready for inputs of one shape: faster than {@link #forward},
   * most of all for small batches, and equal to it but for rounding. The parameters count as they
   * are now.
   */
  public final Inference forInference(int... input) {
    try (Workspace outside = Workspace.outside()) {
      Tensor x = Tensor.zeros(input).tracked();
      return Inference.of(x, forward(x, Pass.eval().recording()));
    }
  }

  /** A table of the layers with output shapes and parameter counts for an input of this shape. */
  public final Summary summary(int... input) {
    return Summary.of(this, Shape.of(input));
  }

  /** The layer and its settings on one line, for example {@code Linear(40 -> 512)}. */
  @Override
  public String toString() {
    return getClass().getSimpleName();
  }
}
