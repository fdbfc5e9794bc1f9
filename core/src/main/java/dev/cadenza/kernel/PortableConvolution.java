package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * {@link Convolution} by strided ND4J views and BLAS. A convolution lays the window's taps out as
 * the rows of a matrix (im2col), an image at a time, and multiplies.
 */
final class PortableConvolution implements Convolution {
  @Override
  public Array conv2d(Array x, Array weight, @Nullable Array bias, Window window, int groups) {
    Array y = Array.uninitialized(x.type(), window.out("conv2d", x.shape(), weight.shape().dim(0)));
    forEachGroup(
        x.shape(),
        y.shape(),
        groups,
        (n, group, in, out) -> {
          INDArray columns = columns(image(x, n, in), window, out, x.type().nd());
          PortableMatrix.gemm(rows(weight, out), false, columns, false, matrix(y, n, out));
        });
    if (bias != null && y.size() > 0) {
      y.nd().addi(bias.nd(1, bias.size(), 1, 1));
    }
    return y;
  }

  @Override
  public Array inputGradient(Array g, Array weight, Shape input, Window window, int groups) {
    Array gx = Array.zeros(g.type(), input);
    forEachGroup(
        input,
        g.shape(),
        groups,
        (n, group, in, out) -> {
          INDArray w = rows(weight, out);
          INDArray gColumns = Nd4j.createUninitialized(g.type().nd(), w.size(1), out.area());
          PortableMatrix.gemm(w, true, matrix(g, n, out), false, gColumns);
          INDArray padded = padded(in, window, g.type().nd(), 0);
          INDArray taps =
              gColumns.reshape('c', in.channels(), window.kH() * window.kW(), out.h(), out.w());
          forEachTap(
              window,
              (tap, kh, kw) ->
                  view(padded, window, out, kh, kw)
                      .addi(
                          taps.get(
                              NDArrayIndex.all(),
                              NDArrayIndex.point(tap),
                              NDArrayIndex.all(),
                              NDArrayIndex.all())));
          image(gx, n, in).assign(inner(padded, in, window));
        });
    return gx;
  }

  @Override
  public Array weightGradient(Array g, Array x, Shape weight, Window window, int groups) {
    Array gw = Array.zeros(g.type(), weight);
    forEachGroup(
        x.shape(),
        g.shape(),
        groups,
        (n, group, in, out) -> {
          INDArray columns = columns(image(x, n, in), window, out, x.type().nd());
          INDArray part = Nd4j.createUninitialized(g.type().nd(), out.channels(), columns.size(0));
          PortableMatrix.gemm(matrix(g, n, out), false, columns, true, part);
          rows(gw, out).addi(part);
        });
    return gw;
  }

  @Override
  public Array maxPool(Array x, Window window) {
    Shape shape = window.out("maxPool2d", x.shape(), x.shape().dim(1));
    Planes in = Planes.all(x.shape());
    Planes out = Planes.all(shape);
    INDArray padded = paddedCopy(x, in, window);
    INDArray y = Nd4j.valueArrayOf(out.dims(), Double.NEGATIVE_INFINITY, x.type().nd());
    forEachTap(
        window,
        (tap, kh, kw) -> y.assign(Transforms.max(y, view(padded, window, out, kh, kw), true)));
    return Array.wrap(y, shape);
  }

  @Override
  public Array maxPoolGradient(Array x, Array y, Array g, Window window) {
    DataType type = x.type().nd();
    Planes in = Planes.all(x.shape());
    Planes out = Planes.all(y.shape());
    INDArray padded = paddedCopy(x, in, window);
    INDArray gPadded = padded(in, window, type, 0);
    INDArray best = y.nd(out.channels(), out.h(), out.w());
    INDArray rest = g.nd(out.channels(), out.h(), out.w()).dup('c');
    forEachTap(
        window,
        (tap, kh, kw) -> {
          INDArray here = view(padded, window, out, kh, kw).eq(best).castTo(type).muli(rest);
          view(gPadded, window, out, kh, kw).addi(here);
          rest.subi(here);
        });
    return Array.wrap(inner(gPadded, in, window).dup('c'), x.shape());
  }

  /** Channels [first, first + channels) of height h and width w; for pooling all planes at once. */
  private record Planes(int first, int channels, int h, int w) {
    static Planes all(Shape s) {
      return new Planes(0, s.dim(0) * s.dim(1), s.dim(2), s.dim(3));
    }

    int area() {
      return h * w;
    }

    long[] dims() {
      return new long[] {channels, h, w};
    }
  }

  private interface GroupBody {
    void run(int n, int group, Planes in, Planes out);
  }

  private static void forEachGroup(Shape in, Shape out, int groups, GroupBody body) {
    int cin = in.dim(1) / groups;
    int cout = out.dim(1) / groups;
    for (int n = 0; n < in.dim(0); n++) {
      for (int i = 0; i < groups; i++) {
        body.run(
            n,
            i,
            new Planes(i * cin, cin, in.dim(2), in.dim(3)),
            new Planes(i * cout, cout, out.dim(2), out.dim(3)));
      }
    }
  }

  private interface TapBody {
    void run(int tap, int kh, int kw);
  }

  private static void forEachTap(Window window, TapBody body) {
    for (int kh = 0, tap = 0; kh < window.kH(); kh++) {
      for (int kw = 0; kw < window.kW(); kw++, tap++) {
        body.run(tap, kh, kw);
      }
    }
  }

  private static INDArray image(Array x, int n, Planes p) {
    return x.nd()
        .get(
            NDArrayIndex.point(n),
            NDArrayIndex.interval(p.first(), p.first() + p.channels()),
            NDArrayIndex.all(),
            NDArrayIndex.all());
  }

  /** The planes as the rows of a matrix [channels, h * w], sharing memory. */
  private static INDArray matrix(Array x, int n, Planes p) {
    Shape s = x.shape();
    return x.nd(s.dim(0), s.dim(1), s.dim(2) * s.dim(3))
        .get(
            NDArrayIndex.point(n),
            NDArrayIndex.interval(p.first(), p.first() + p.channels()),
            NDArrayIndex.all());
  }

  /** The weights of these output channels as a matrix [channels, Cin * kH * kW]. */
  private static INDArray rows(Array weight, Planes out) {
    return weight
        .nd(weight.shape().dim(0), weight.size() / weight.shape().dim(0))
        .get(NDArrayIndex.interval(out.first(), out.first() + out.channels()), NDArrayIndex.all());
  }

  private static INDArray columns(INDArray image, Window window, Planes out, DataType type) {
    Planes in = new Planes(0, (int) image.size(0), (int) image.size(1), (int) image.size(2));
    INDArray padded = padded(in, window, type, 0);
    inner(padded, in, window).assign(image);
    int taps = window.kH() * window.kW();
    INDArray columns = Nd4j.createUninitialized(type, in.channels(), taps, out.h(), out.w());
    forEachTap(
        window,
        (tap, kh, kw) ->
            columns
                .get(
                    NDArrayIndex.all(),
                    NDArrayIndex.point(tap),
                    NDArrayIndex.all(),
                    NDArrayIndex.all())
                .assign(view(padded, window, out, kh, kw)));
    return columns.reshape('c', in.channels() * taps, out.area());
  }

  private static INDArray paddedCopy(Array x, Planes in, Window window) {
    INDArray image = x.nd(in.channels(), in.h(), in.w());
    if (window.padH() == 0 && window.padW() == 0) {
      return image;
    }
    INDArray padded = padded(in, window, x.type().nd(), Double.NEGATIVE_INFINITY);
    inner(padded, in, window).assign(image);
    return padded;
  }

  private static INDArray padded(Planes in, Window window, DataType type, double value) {
    return Nd4j.valueArrayOf(
        new long[] {in.channels(), in.h() + 2 * window.padH(), in.w() + 2 * window.padW()},
        value,
        type);
  }

  private static INDArray inner(INDArray padded, Planes in, Window window) {
    return padded.get(
        NDArrayIndex.all(),
        NDArrayIndex.interval(window.padH(), window.padH() + in.h()),
        NDArrayIndex.interval(window.padW(), window.padW() + in.w()));
  }

  /** What the tap (kh, kw) sees from every position of the window. */
  private static INDArray view(INDArray padded, Window window, Planes out, int kh, int kw) {
    return padded.get(
        NDArrayIndex.all(),
        every(kh * window.dilationH(), window.strideH(), out.h()),
        every(kw * window.dilationW(), window.strideW(), out.w()));
  }

  private static INDArrayIndex every(int first, int stride, int count) {
    return NDArrayIndex.interval(first, stride, first + stride * (count - 1) + 1);
  }
}
