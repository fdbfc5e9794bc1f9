package dev.cadenza.kernel;

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
  public Result forward(Inputs in, Settings settings, boolean recording) {
    return new SimdConvBlock(in, settings).forward(recording);
  }

  @Override
  public UnaryOperator<Array> folded(Inputs in, Settings settings) {
    Statistics given = Objects.requireNonNull(settings.given(), "statistics of the batch");
    return new SimdFoldedBlock(in, settings, given);
  }

  @Override
  public Gradients gradient(
      Inputs in, Settings settings, Result result, Array g, boolean inputToo) {
    return new SimdConvBlock(in, settings).gradient(result, g, inputToo);
  }
}
