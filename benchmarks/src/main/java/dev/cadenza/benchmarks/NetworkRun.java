package dev.cadenza.benchmarks;

import dev.cadenza.kernel.Workspace;
import dev.cadenza.loss.Losses;
import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.nn.Pass;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.optim.Sgd;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Inference;
import dev.cadenza.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** A network with a batch of clips, ready to be trained on it and to predict it. */
public final class NetworkRun {
  /** Of the reference recipe, like the next. */
  public static final double MOMENTUM = 0.8;

  public static final double WEIGHT_DECAY = 1e-3;

  /**
   * A learning rate so low that thousands of steps on one batch do not lead to weights that no
   * training would see.
   */
  public static final double STILL = 1e-6;

  private final ParallelCnnTransformer net;
  private final Tensor clips;
  private final int[] labels;
  private final Optimizer sgd;
  private @Nullable Inference inference;
  private final Pass train = Pass.train(Inputs.dropout());

  public NetworkRun(NetworkSpec spec, double learningRate) {
    net = spec.settings().build(Inputs.weights());
    clips = Tensor.of(Inputs.normal(spec.input(), 1), spec.input().dims());
    labels = spec.labels();
    sgd =
        Sgd.over(net.parameters())
            .learningRate(learningRate)
            .momentum(MOMENTUM)
            .weightDecay(WEIGHT_DECAY)
            .build();
  }

  public ParallelCnnTransformer net() {
    return net;
  }

  /** One training step. */
  public void step() {
    try (Workspace step = Workspace.open()) {
      sgd.step(loss().backward());
    }
  }

  /** One training step; the loss before it. */
  public float stepWithLoss() {
    try (Workspace step = Workspace.open()) {
      Tensor loss = loss();
      sgd.step(loss.backward());
      return (float) loss.item();
    }
  }

  private Tensor loss() {
    return Losses.crossEntropy(net.forward(clips, train), labels);
  }

  /** The gradients of one step, outside of every workspace. */
  public Gradients gradients() {
    return loss().backward();
  }

  /** The optimizer's part of a step. */
  public void update(Gradients gradients) {
    sgd.step(gradients);
  }

  /** The probabilities of all clips, [N, K]. */
  public float[] predict() {
    if (inference == null) {
      inference = net.forInference(clips.shape().dims());
    }
    return inference.run(clips).softmax(-1).toFloatArray();
  }
}
