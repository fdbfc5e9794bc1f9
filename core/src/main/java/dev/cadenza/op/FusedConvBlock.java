package dev.cadenza.op;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.ConvolutionBlock;
import dev.cadenza.kernel.Kernels;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Objects;
import java.util.function.UnaryOperator;

/**
 * Convolution, batch norm, ReLU, max pooling and dropout in one op: inputs x [N, C, H, W], weight,
 * bias, gamma, beta; value [N, Cout, pooled H, pooled W]. Defined by {@link Convolution2d}, {@link
 * BatchNormalization}, {@link Relu}, {@link MaxPooling2d} and {@link DropElements} one after the
 * other.
 */
public record FusedConvBlock(Window conv, Window pool, BatchNormalization norm, double p, long seed)
    implements FusedOp {
  private record Saved(ConvolutionBlock.Inputs in, ConvolutionBlock.Result result) {}

  @Override
  public boolean available(Array... in) {
    return kernel(in[0]).serves(conv, pool);
  }

  private static ConvolutionBlock.Inputs inputs(Array... in) {
    return new ConvolutionBlock.Inputs(in[0], in[1], in[2], in[3], in[4]);
  }

  private static ConvolutionBlock kernel(Array a) {
    return Kernels.of(a).convolutionBlock();
  }

  @Override
  public Shape infer(Shape... in) {
    Shape image = new Convolution2d(conv, 1).infer(in[0], in[1], in[2]);
    norm.infer(image, in[3], in[4]);
    return new MaxPooling2d(pool).infer(image);
  }

  @Override
  public Array forward(Ctx ctx, Array... in) {
    ConvolutionBlock.Inputs inputs = inputs(in);
    ConvolutionBlock.Result r = kernel(in[0]).forward(inputs, settings(), ctx.recording());
    if (norm.training()) {
      Shape x = in[0].shape();
      int count = x.dim(0) * conv.outH(x.dim(2)) * conv.outW(x.dim(3));
      norm.running().update(r.statistics().mean(), r.statistics().variance(), count);
    }
    ctx.keep(new Saved(inputs, r));
    return r.y();
  }

  @Override
  public UnaryOperator<Array> bind(Array... in) {
    return norm.training() || p > 0
        ? FusedOp.super.bind(in)
        : kernel(in[0]).folded(inputs(in), settings());
  }

  @Override
  public void backward(Ctx ctx, Array g, Grads grads) {
    Saved s = ctx.kept(Saved.class);
    ConvolutionBlock.Gradients r =
        kernel(g).gradient(s.in(), settings(), s.result(), g, grads.needs(0));
    grads.add(0, () -> Objects.requireNonNull(r.x()));
    grads.add(1, r::weight);
    grads.add(2, r::bias);
    grads.add(3, r::gamma);
    grads.add(4, r::beta);
  }

  private ConvolutionBlock.Settings settings() {
    BatchNormalization.Running running = norm.running();
    ConvolutionBlock.Statistics given =
        norm.training()
            ? null
            : new ConvolutionBlock.Statistics(running.mean(), running.variance());
    return new ConvolutionBlock.Settings(conv, pool, norm.eps(), given, p, seed);
  }
}
