package dev.cadenza.nn;

import dev.cadenza.op.Convolution2d;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;
import java.util.random.RandomGenerator;

/**
 * 2-D convolution with bias.
 *
 * <pre>
 *   input   [N, Cin, H, W]               N batch, C channels, H bins, W frames
 *   weight  [Cout, Cin / groups, kH, kW] uniform(-b, b), b = 1 / sqrt(Cin / groups * kH * kW)
 *   bias    [Cout]                       same bound
 *   output  [N, Cout, window.outH(H), window.outW(W)]
 * </pre>
 */
public final class Conv2d extends Layer {
  private final Window window;
  private final int groups;
  private final Tensor weight;
  private final Tensor bias;

  public Conv2d(int in, int out, Window window, RandomGenerator rng) {
    this(in, out, window, 1, rng);
  }

  /**
   * A convolution in groups: output channels of a group see the input channels of that group alone.
   *
   * @throws IllegalArgumentException if {@code groups} does not divide both channel counts
   */
  public Conv2d(int in, int out, Window window, int groups, RandomGenerator rng) {
    if (groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "conv2d: groups=%d must divide in=%d and out=%d", groups, in, out));
    }
    int fanIn = in / groups * window.kH() * window.kW();
    this.window = window;
    this.groups = groups;
    this.weight =
        param(
            "weight",
            Init.kaimingUniform(Math.sqrt(5), rng),
            out,
            in / groups,
            window.kH(),
            window.kW());
    this.bias = param("bias", Init.uniform(1 / Math.sqrt(fanIn), rng), out);
  }

  public Window window() {
    return window;
  }

  public int groups() {
    return groups;
  }

  public Tensor weight() {
    return weight;
  }

  public Tensor bias() {
    return bias;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return Tensor.apply(new Convolution2d(window, groups), x, weight, bias);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "Conv2d(%d -> %d, %dx%d)",
        weight.dim(1) * groups,
        weight.dim(0),
        window.kH(),
        window.kW());
  }
}
