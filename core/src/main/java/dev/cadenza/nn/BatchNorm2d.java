package dev.cadenza.nn;

import dev.cadenza.op.BatchNormalization;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;

/**
 * Batch normalisation of each channel (Ioffe and Szegedy 2015); PyTorch's conventions: {@code eps}
 * 1e-5, momentum 0.1 is the weight of the new batch, the running variance is unbiased.
 *
 * <pre>
 *   input, output           [N, C, H, W]
 *   weight, bias            [C]   1 and 0
 *   running_mean, _var      [C]   0 and 1; buffers
 * </pre>
 */
public final class BatchNorm2d extends Layer {
  public static final double DEFAULT_EPS = 1e-5;
  public static final double DEFAULT_MOMENTUM = 0.1;

  private final double eps;
  private final double momentum;
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVar;

  public BatchNorm2d(int channels) {
    this(channels, DEFAULT_EPS, DEFAULT_MOMENTUM);
  }

  public BatchNorm2d(int channels, double eps, double momentum) {
    this.eps = eps;
    this.momentum = momentum;
    this.weight = param("weight", Init.constant(1), channels);
    this.bias = param("bias", Init.constant(0), channels);
    this.runningMean = buffer("running_mean", Init.constant(0), channels);
    this.runningVar = buffer("running_var", Init.constant(1), channels);
  }

  public Tensor weight() {
    return weight;
  }

  public Tensor bias() {
    return bias;
  }

  /** The op for a pass. */
  BatchNormalization op(Pass pass) {
    return new BatchNormalization(
        eps,
        new BatchNormalization.Running(runningMean.array(), runningVar.array(), momentum),
        pass.isTraining());
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return Tensor.apply(op(pass), x, weight, bias);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "BatchNorm2d(%d)", weight.dim(0));
  }
}
