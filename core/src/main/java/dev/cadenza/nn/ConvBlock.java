package dev.cadenza.nn;

import dev.cadenza.op.FusedConvBlock;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;

/**
 * Convolution, batch norm, ReLU, max pooling and dropout, one after the other; trained in one fused
 * pass where the kernels offer it.
 *
 * <pre>
 *   input   [N, Cin, H, W]
 *   output  [N, Cout, pooled H, pooled W]
 * </pre>
 *
 * <p>Its five parts are counted as in a PyTorch {@code Sequential}: with first index i the keys of
 * the convolution start with {@code i.} and those of the batch norm with {@code (i + 1).}.
 */
public final class ConvBlock extends Layer {
  /** The number of places a block takes in a {@code Sequential}. */
  public static final int PARTS = 5;

  private final Conv2d conv;
  private final BatchNorm2d norm;
  private final MaxPool2d pool;
  private final Dropout dropout;

  public ConvBlock(int first, Conv2d conv, MaxPool2d pool, double dropout) {
    this.conv = child(String.valueOf(first), conv);
    this.norm = child(String.valueOf(first + 1), new BatchNorm2d(conv.weight().dim(0)));
    this.pool = pool;
    this.dropout = new Dropout(dropout);
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    double p = dropout.in(pass);
    long seed = dropout.seed(pass);
    if (conv.groups() != 1) {
      return composed(x, pass, seed);
    }
    return fused(
        pass,
        new FusedConvBlock(conv.window(), pool.window(), norm.op(pass), p, seed),
        () -> composed(x, pass, seed),
        x,
        conv.weight(),
        conv.bias(),
        norm.weight(),
        norm.bias());
  }

  /** What the fused pass is defined by. */
  private Tensor composed(Tensor x, Pass pass, long seed) {
    Tensor normed = norm.forward(conv.forward(x, pass), pass);
    return pool.forward(normed.relu(), pass).dropout(dropout.in(pass), seed);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "ConvBlock(%s, %s, %s)", conv, pool, dropout);
  }
}
