package dev.cadenza.optim;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Update;
import dev.cadenza.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Adam (Kingma and Ba 2015), as PyTorch computes it: weight decay is added to the gradient. With
 * {@link AdamW} it acts on the parameters themselves.
 */
public final class Adam extends Optimizer {
  private final double beta1;
  private final double beta2;
  private final double eps;
  private final double weightDecay;
  private final boolean decoupled;

  private Adam(Builder b) {
    super(b.parameters, b.learningRate, List.of("exp_avg", "exp_avg_sq"));
    this.beta1 = b.beta1;
    this.beta2 = b.beta2;
    this.eps = b.eps;
    this.weightDecay = b.weightDecay;
    this.decoupled = b.decoupled;
  }

  /** Settings for these parameters: learning rate 0.001, no weight decay. */
  public static Builder over(Map<String, Tensor> parameters) {
    return new Builder(parameters, false);
  }

  @Override
  protected void update(Array parameter, Array gradient, List<Array> memory, int step) {
    Update.Adam settings =
        new Update.Adam(learningRate(), beta1, beta2, eps, weightDecay, decoupled, step);
    Kernels.of(parameter)
        .update()
        .adam(parameter, gradient, memory.get(0), memory.get(1), settings);
  }

  /** The settings of {@link Adam} and {@link AdamW}. */
  public static final class Builder {
    private final Map<String, Tensor> parameters;
    private final boolean decoupled;
    private double learningRate = 1e-3;
    private double beta1 = 0.9;
    private double beta2 = 0.999;
    private double eps = 1e-8;
    private double weightDecay;

    Builder(Map<String, Tensor> parameters, boolean decoupled) {
      this.parameters = parameters;
      this.decoupled = decoupled;
    }

    /** The length of a step; 0.001. */
    public Builder learningRate(double rate) {
      learningRate = rate;
      return this;
    }

    /** How slowly the means of gradient and squared gradient move; 0.9 and 0.999. */
    public Builder betas(double beta1, double beta2) {
      this.beta1 = fraction("beta1", beta1);
      this.beta2 = fraction("beta2", beta2);
      return this;
    }

    /** Added to the root of the squared gradient's mean; 1e-8. */
    public Builder eps(double eps) {
      this.eps = notNegative("eps", eps);
      return this;
    }

    /** How strongly parameters are drawn to 0; 0, or 0.01 for {@link AdamW}. */
    public Builder weightDecay(double decay) {
      weightDecay = notNegative("weightDecay", decay);
      return this;
    }

    /** The optimizer with these settings. */
    public Adam build() {
      return new Adam(this);
    }
  }
}
