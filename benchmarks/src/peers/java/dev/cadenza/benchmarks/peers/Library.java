package dev.cadenza.benchmarks.peers;

import java.util.function.BiFunction;

/** The libraries that are compared. */
enum Library {
  CADENZA("Cadenza", Cadenza::prepare),
  DJL("PyTorch through DJL", Torch::prepare),
  ONNX("ONNX Runtime", OnnxRuntime::prepare),
  DL4J("DL4J", Dl4j::prepare);

  private final String title;
  private final BiFunction<Job, Boolean, Contender> prepare;

  Library(String title, BiFunction<Job, Boolean, Contender> prepare) {
    this.title = title;
    this.prepare = prepare;
  }

  String title() {
    return title;
  }

  /**
   * Prepares for a job.
   *
   * @param exact without dropout, and learning as in real training: for comparing results
   */
  Contender prepare(Job job, boolean exact) {
    return prepare.apply(job, exact);
  }
}
