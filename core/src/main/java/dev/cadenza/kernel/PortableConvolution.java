package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Convolution} by index lists and BLAS. Where each tap of each window reads is written down
 * once as a list of indices; a convolution gathers an image through it (im2col) and multiplies,
 * pooling takes the largest of each window's taps. Strided ND4J views would do the same, and do it
 * wrongly for some strides in 1.0.0-M2.1.
 */
final class PortableConvolution implements Convolution {
  private static final int PADDING = -1;

  private final Layout layout;

  PortableConvolution(Layout layout) {
    this.layout = layout;
  }

  @Override
  public Array conv2d(Array x, Array weight, @Nullable Array bias, Window window, int groups) {
    Geometry geo = new Geometry(x.shape(), weight.shape(), window, groups);
    Array y = Array.uninitialized(x.type(), window.out("conv2d", x.shape(), geo.cout));
    geo.forEachGroup(
        (n, group) -> {
          Array columns = geo.columns(x, n, group);
          PortableMatrix.gemm(
              geo.weightRows(weight, group), false, columns.nd(), false, geo.planes(y, n, group));
        });
    if (bias != null && y.size() > 0) {
      y.nd().addi(bias.nd(1, bias.size(), 1, 1));
    }
    return y;
  }

  @Override
  public Array inputGradient(Array g, Array weight, Shape input, Window window, int groups) {
    Geometry geo = new Geometry(input, weight.shape(), window, groups);
    double[] gx = new double[input.size()];
    geo.forEachGroup(
        (n, group) -> {
          Array columns = Array.uninitialized(g.type(), geo.columnShape());
          PortableMatrix.gemm(
              geo.weightRows(weight, group), true, geo.planes(g, n, group), false, columns.nd());
          double[] gColumns = columns.toDoubleArray();
          int base = geo.imageStart(n, group);
          for (int i = 0; i < gColumns.length; i++) {
            if (geo.source[i] != PADDING) {
              gx[base + geo.source[i]] += gColumns[i];
            }
          }
        });
    return Array.of(gx, input).cast(g.type());
  }

  @Override
  public Array weightGradient(Array g, Array x, Shape weight, Window window, int groups) {
    Geometry geo = new Geometry(x.shape(), weight, window, groups);
    Array gw = Array.zeros(g.type(), weight);
    Array part =
        Array.uninitialized(g.type(), Shape.of(geo.cout / groups, geo.columnShape().dim(0)));
    geo.forEachGroup(
        (n, group) -> {
          PortableMatrix.gemm(
              geo.planes(g, n, group), false, geo.columns(x, n, group).nd(), true, part.nd());
          geo.weightRows(gw, group).addi(part.nd());
        });
    return gw;
  }

  @Override
  public Array maxPool(Array x, Window window) {
    Shape out = window.out("maxPool2d", x.shape(), x.shape().dim(1));
    double[] in = x.toDoubleArray();
    double[] y = new double[out.size()];
    int[] best = largest(x.shape(), in, out, window);
    for (int i = 0; i < y.length; i++) {
      y[i] = in[best[i]];
    }
    return Array.of(y, out).cast(x.type());
  }

  @Override
  public Array maxPoolGradient(Array x, Array y, Array g, Window window) {
    int[] best = largest(x.shape(), x.toDoubleArray(), y.shape(), window);
    double[] gy = g.toDoubleArray();
    double[] gx = new double[x.size()];
    for (int i = 0; i < gy.length; i++) {
      gx[best[i]] += gy[i];
    }
    return Array.of(gx, x.shape()).cast(x.type());
  }

  /** The index of the first largest element (or of the last NaN) of each window. */
  private static int[] largest(Shape image, double[] in, Shape out, Window window) {
    int[] source = sources(1, image.dim(2), image.dim(3), window);
    int area = out.dim(2) * out.dim(3);
    int taps = area == 0 ? 0 : source.length / area;
    int[] best = new int[out.size()];
    for (int plane = 0, i = 0; plane < out.dim(0) * out.dim(1); plane++) {
      int base = plane * image.dim(2) * image.dim(3);
      for (int place = 0; place < area; place++, i++) {
        best[i] = PADDING;
        for (int tap = 0; tap < taps; tap++) {
          int s = source[tap * area + place];
          if (s != PADDING
              && (best[i] == PADDING || in[base + s] > in[best[i]] || Double.isNaN(in[base + s]))) {
            best[i] = base + s;
          }
        }
      }
    }
    return best;
  }

  /** For every channel, tap and place of the window: the index in [channels, h, w] it reads. */
  private static int[] sources(int channels, int h, int w, Window window) {
    int outH = window.outH(h);
    int outW = window.outW(w);
    int[] source = new int[channels * window.kH() * window.kW() * outH * outW];
    Arrays.fill(source, PADDING);
    int i = 0;
    for (int c = 0; c < channels; c++) {
      for (int kh = 0; kh < window.kH(); kh++) {
        for (int kw = 0; kw < window.kW(); kw++) {
          for (int oh = 0; oh < outH; oh++) {
            int row = oh * window.strideH() - window.padH() + kh * window.dilationH();
            for (int ow = 0; ow < outW; ow++, i++) {
              int column = ow * window.strideW() - window.padW() + kw * window.dilationW();
              if (row >= 0 && row < h && column >= 0 && column < w) {
                source[i] = (c * h + row) * w + column;
              }
            }
          }
        }
      }
    }
    return source;
  }

  private interface GroupBody {
    void run(int n, int group);
  }

  /** Where the parts of one convolution are found: images, groups of channels, weights. */
  private final class Geometry {
    private final Shape input;
    private final int groups;
    private final int cin;
    private final int cout;
    private final int area;
    private final int[] source;

    Geometry(Shape input, Shape weight, Window window, int groups) {
      this.input = input;
      this.groups = groups;
      this.cin = weight.dim(1);
      this.cout = weight.dim(0);
      this.area = window.outH(input.dim(2)) * window.outW(input.dim(3));
      this.source = sources(cin, input.dim(2), input.dim(3), window);
    }

    void forEachGroup(GroupBody body) {
      for (int n = 0; n < input.dim(0); n++) {
        for (int group = 0; group < groups; group++) {
          body.run(n, group);
        }
      }
    }

    int imageStart(int n, int group) {
      return (n * groups + group) * cin * input.dim(2) * input.dim(3);
    }

    /** [Cin * kH * kW, outH * outW] for one group of channels. */
    Shape columnShape() {
      return Shape.of(area == 0 ? 0 : source.length / area, area);
    }

    Array columns(Array x, int n, int group) {
      int size = cin * input.dim(2) * input.dim(3);
      Array flat = x.reshape(Shape.of(x.size()));
      int start = imageStart(n, group);
      double[] image = layout.slice(flat, 0, start, start + size).toDoubleArray();
      double[] columns = new double[source.length];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = source[i] == PADDING ? 0 : image[source[i]];
      }
      return Array.of(columns, columnShape()).cast(x.type());
    }

    /** The output planes [Cout / groups, outH * outW] of one group; shares memory. */
    INDArray planes(Array y, int n, int group) {
      return PortableMatrix.at(
          y.nd(input.dim(0) * groups, cout / groups, area), n * groups + group);
    }

    /** The weights [Cout / groups, Cin * kH * kW] of one group; shares memory. */
    INDArray weightRows(Array weight, int group) {
      return PortableMatrix.at(weight.nd(groups, cout / groups, weight.size() / cout), group);
    }
  }
}
