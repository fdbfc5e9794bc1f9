package dev.cadenza.tensor;

import dev.cadenza.op.Ctx;
import dev.cadenza.op.Op;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One recorded call of an op. Numbers grow with time, so an input's node always has a smaller
 * number than the node that used it: walking in falling order visits users before what they used.
 */
record Node(long number, Op op, Ctx ctx, Tensor[] inputs) {
  private static final AtomicLong COUNTER = new AtomicLong();

  Node(Op op, Ctx ctx, Tensor[] inputs) {
    this(COUNTER.incrementAndGet(), op, ctx, inputs);
  }
}
