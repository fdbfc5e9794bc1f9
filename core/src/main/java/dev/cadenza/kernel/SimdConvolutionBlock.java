package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Objects;
import java.util.function.UnaryOperator;

/** {@link ConvolutionBlock} by the Vector API. */
final class SimdConvolutionBlock implements ConvolutionBlock {
  @Override
  public boolean serves(Window conv, Window pool) {
    return SimdConvBlock.serves(conv, pool);
  }

  @Override
  public Result forward(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      Settings settings,
      boolean recording) {
    return new SimdConvBlock(x, weight, bias, gamma, settings).forward(x, beta, recording);
  }

  @Override
  public UnaryOperator<Array> folded(
      Shape x, Array weight, Array bias, Array gamma, Array beta, Settings settings) {
    Statistics given = Objects.requireNonNull(settings.given(), "statistics of the batch");
    return new SimdFoldedBlock(x, weight, bias, gamma, beta, settings, given);
  }

  @Override
  public Gradients gradient(
      Array x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      Settings settings,
      Result result,
      Array g,
      boolean inputToo) {
    return new SimdConvBlock(x, weight, bias, gamma, settings)
        .gradient(x, beta, result, g, inputToo);
  }
}
