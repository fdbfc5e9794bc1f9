package dev.cadenza.benchmarks.peers;

import java.util.Map;

/** A library that has prepared for a job. */
interface Contender extends AutoCloseable {
  /** Does the job once. */
  void run();

  /**
   * Does the job and shows what it computed, by name: {@code loss 1} to {@code loss 5} of
   * successive training steps, {@code probabilities}, or {@code output}, {@code input} (its
   * gradient) and the gradients of parameters by their keys.
   */
  Map<String, float[]> values();

  @Override
  default void close() {}
}
