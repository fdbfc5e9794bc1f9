package dev.cadenza.optim;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Update;
import dev.cadenza.tensor.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Stochastic gradient descent with momentum, as PyTorch computes it: weight decay is added to the
 * gradient, the learning rate multiplies the velocity.
 */
public final class Sgd extends Optimizer {
  private final double momentum;
  private final double dampening;
  private final double weightDecay;
  private final boolean nesterov;

  private Sgd(Builder b) {
    super(b.parameters, b.learningRate, b.momentum == 0 ? List.of() : List.of("momentum_buffer"));
    this.momentum = b.momentum;
    this.dampening = b.dampening;
    this.weightDecay = b.weightDecay;
    this.nesterov = b.nesterov;
  }

  /** Settings for these parameters: learning rate 0.001, everything else off. */
  public static Builder over(Map<String, Tensor> parameters) {
    return new Builder(parameters);
  }

  @Override
  protected void update(Array parameter, Array gradient, List<Array> memory, int step) {
    Update.Sgd settings =
        new Update.Sgd(learningRate(), momentum, dampening, nesterov, weightDecay, step == 1);
    Array velocity = memory.isEmpty() ? null : memory.get(0);
    Kernels.of(parameter).update().sgd(parameter, gradient, velocity, settings);
  }

  /** The settings of {@link Sgd}. */
  public static final class Builder {
    private final Map<String, Tensor> parameters;
    private double learningRate = 1e-3;
    private double momentum;
    private double dampening;
    private double weightDecay;
    private boolean nesterov;

    private Builder(Map<String, Tensor> parameters) {
      this.parameters = parameters;
    }

    /** The length of a step; 0.001. */
    public Builder learningRate(double rate) {
      learningRate = rate;
      return this;
    }

    /** How much of the velocity stays from one step to the next. */
    public Builder momentum(double momentum) {
      this.momentum = notNegative("momentum", momentum);
      return this;
    }

    /** How much of the gradient is kept out of the velocity. */
    public Builder dampening(double dampening) {
      this.dampening = notNegative("dampening", dampening);
      return this;
    }

    /** The factor of the penalty {@code weightDecay / 2 * |parameter|^2}. */
    public Builder weightDecay(double decay) {
      weightDecay = notNegative("weightDecay", decay);
      return this;
    }

    /** Looks ahead along the velocity; needs momentum, and no dampening. */
    public Builder nesterov(boolean nesterov) {
      this.nesterov = nesterov;
      return this;
    }

    /** The optimizer with these settings. */
    public Sgd build() {
      if (nesterov && (momentum == 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "optimizer: nesterov needs momentum above 0 and dampening 0, got momentum="
                + momentum
                + " and dampening="
                + dampening);
      }
      return new Sgd(this);
    }
  }
}
