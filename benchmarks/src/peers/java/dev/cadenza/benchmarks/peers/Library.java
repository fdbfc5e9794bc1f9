package dev.cadenza.benchmarks.peers;

/** The libraries that are compared. */
enum Library {
  CADENZA("Cadenza"),
  DJL("PyTorch through DJL"),
  ONNX("ONNX Runtime"),
  DL4J("DL4J");

  private final String title;

  Library(String title) {
    this.title = title;
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
    return switch (this) {
      case CADENZA -> Cadenza.prepare(job, exact);
      case DJL -> Torch.prepare(job, exact);
      case ONNX -> OnnxRuntime.prepare(job, exact);
      case DL4J -> Dl4j.prepare(job, exact);
    };
  }
}
