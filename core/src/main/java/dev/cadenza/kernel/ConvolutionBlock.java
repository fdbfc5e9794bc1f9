package dev.cadenza.kernel;

import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Convolution, batch norm, ReLU, max pooling and dropout in as few passes over the data as they
 * allow; {@code op.FusedConvBlock} names the ops that define it.
 *
 * <p>Batch norm followed by ReLU is monotonous in each channel, rising or falling with the sign of
 * gamma, so pooling comes first: what is left to normalise is what won its window.
 */
public interface ConvolutionBlock {
  /** {@code x [N, C, H, W], weight [Cout, C, kH, kW], bias, gamma, beta [Cout]}. */
  record Inputs(Array x, Array weight, Array bias, Array gamma, Array beta) {}

  /**
   * The settings of a block.
   *
   * @param given the statistics that batch norm uses, or null for those of the batch
   */
  record Settings(
      Window conv, Window pool, double eps, @Nullable Statistics given, double p, long seed) {}

  /** The mean and the biased variance of each channel of a convolution's output. */
  record Statistics(Array mean, Array variance) {}

  /**
   * What a block computes.
   *
   * @param y [N, Cout, pooled H, pooled W]
   * @param statistics those that batch norm used
   * @param state what the gradient needs again
   */
  record Result(Array y, Statistics statistics, Object state) {}

  /** Gradients of a block; x only where it was asked for. */
  record Gradients(@Nullable Array x, Array weight, Array bias, Array gamma, Array beta) {}

  /** Whether a block with these windows is served. */
  boolean serves(Window conv, Window pool);

  /**
   * A block.
   *
   * @param recording false if no gradient will be asked for
   */
  Result forward(Inputs in, Settings settings, boolean recording);

  /**
   * A block without dropout and with given statistics as a function of its image: equal to {@link
   * #forward} but for rounding.
   *
   * @param in of x the shape alone
   */
  default UnaryOperator<Array> folded(Inputs in, Settings settings) {
    return x -> {
      Inputs other = new Inputs(x, in.weight, in.bias, in.gamma, in.beta);
      return forward(other, settings, false).y();
    };
  }

  /**
   * The gradients of {@link #forward}.
   *
   * @param g that of y
   * @param inputToo whether that of x is wanted
   */
  Gradients gradient(Inputs in, Settings settings, Result result, Array g, boolean inputToo);
}
