package dev.cadenza.nn;

import dev.cadenza.op.DropElements;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;

/**
 * Drops each element with probability p in training and scales the others by {@code 1 / (1 - p)};
 * does nothing in evaluation.
 */
public final class Dropout extends Layer {
  private final double p;

  public Dropout(double p) {
    this.p = new DropElements(p, 0).p();
  }

  public double p() {
    return p;
  }

  /** The probability that holds in this pass: 0 in evaluation. */
  double in(Pass pass) {
    return pass.isTraining() ? p : 0;
  }

  /** A seed for this pass; drawn only if anything will be dropped. */
  long seed(Pass pass) {
    return in(pass) == 0 ? 0 : pass.seed();
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return x.dropout(in(pass), seed(pass));
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Dropout(%s)", p);
  }
}
