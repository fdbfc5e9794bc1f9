package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What distinguishes one run through a network from another: training or evaluation, and the source
 * of randomness. An evaluating pass has no randomness, records nothing and is thread-safe.
 */
public final class Pass {
  private static final Pass EVAL = new Pass(null, false, null);

  private final @Nullable RandomGenerator rng;
  private final boolean recording;
  private final @Nullable BiConsumer<Layer, Tensor> observer;

  private Pass(
      @Nullable RandomGenerator rng,
      boolean recording,
      @Nullable BiConsumer<Layer, Tensor> observer) {
    this.rng = rng;
    this.recording = recording;
    this.observer = observer;
  }

  /** A training pass: dropout drops, batch norm uses and updates statistics, ops are recorded. */
  public static Pass train(RandomGenerator rng) {
    return new Pass(rng, true, null);
  }

  /** An evaluating pass: deterministic, nothing is recorded. */
  public static Pass eval() {
    return EVAL;
  }

  /** This pass with recording switched on: gradients of a network in evaluation mode. */
  public Pass recording() {
    return new Pass(rng, true, observer);
  }

  /**
   * This pass, showing every layer and its output to {@code observer}, inner layers first. What
   * would run fused runs layer by layer.
   */
  public Pass observedBy(BiConsumer<Layer, Tensor> observer) {
    return new Pass(rng, recording, observer);
  }

  public boolean isTraining() {
    return rng != null;
  }

  boolean isRecording() {
    return recording;
  }

  boolean isObserved() {
    return observer != null;
  }

  /** A new random seed. Only a training pass has any. */
  public long seed() {
    if (rng == null) {
      throw new IllegalStateException("pass: an evaluating pass has no randomness");
    }
    return rng.nextLong();
  }

  void observe(Layer layer, Tensor output) {
    if (observer != null) {
      observer.accept(layer, output);
    }
  }
}
