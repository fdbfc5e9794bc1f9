package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * {@link Convolution} by BLAS and copies of rows. What a tap of the window sees of a plane is a run
 * of numbers for each row of the result: a convolution copies the runs of all taps one below the
 * other (im2col) and multiplies, its gradient adds them up where they came from, pooling keeps the
 * largest of all taps. Strided ND4J views would do the same, and do it wrongly for some strides in
 * 1.0.0-M2.1.
 */
final class PortableConvolution implements Convolution {
  /** Numbers that the taps of the images multiplied at once see together. */
  private static final int COLUMNS = 1 << 20;

  private static final int PLANE = 0;
  private static final int ROW = 1;
  private static final int VALUES = 2;

  private final Layout layout;

  PortableConvolution(Layout layout) {
    this.layout = layout;
  }

  @Override
  public Array conv2d(Array x, Array weight, @Nullable Array bias, Window window, int groups) {
    Geometry geo = new Geometry(x.shape(), weight.shape(), window, groups);
    Array y = Array.uninitialized(x.type(), window.out("conv2d", x.shape(), geo.cout));
    if (y.size() == 0) {
      return y;
    }
    INDArray weights = geo.repeat(weight).nd(geo.matrices(), geo.coutOfGroup, geo.taps);
    Array columns = geo.newColumns(x.type());
    geo.forEachChunk(
        (first, images) -> {
          geo.gather(x, first, images, columns);
          PortableMatrix.product(
              geo.of(images, weights),
              false,
              geo.of(images, columns.nd()),
              false,
              geo.planes(y, first, images));
        });
    if (bias != null) {
      addBias(y, bias.toDoubleArray());
    }
    return y;
  }

  private static void addBias(Array y, double[] bias) {
    int area = y.shape().size(2, 4);
    Threads.parallelFor(
        y.size() / area,
        plane -> {
          double b = bias[plane % bias.length];
          double[] values = Scratch.mine().doubles(PLANE, area);
          y.read(plane * area, values, 0, area);
          for (int i = 0; i < area; i++) {
            values[i] += b;
          }
          y.write(plane * area, values, 0, area);
        });
  }

  @Override
  public Array inputGradient(Array g, Array weight, Shape input, Window window, int groups) {
    if (g.size() == 0) {
      return Array.zeros(g.type(), input);
    }
    Geometry geo = new Geometry(input, weight.shape(), window, groups);
    Array gx = Array.uninitialized(g.type(), input);
    INDArray weights = geo.repeat(weight).nd(geo.matrices(), geo.coutOfGroup, geo.taps);
    Array columns = geo.newColumns(g.type());
    geo.forEachChunk(
        (first, images) -> {
          PortableMatrix.product(
              geo.of(images, weights),
              true,
              geo.planes(g, first, images),
              false,
              geo.of(images, columns.nd()));
          geo.scatter(columns, first, images, gx);
        });
    return gx;
  }

  @Override
  public Array weightGradient(Array g, Array x, Shape weight, Window window, int groups) {
    if (g.size() == 0) {
      return Array.zeros(g.type(), weight);
    }
    Geometry geo = new Geometry(x.shape(), weight, window, groups);
    double[] gw = new double[weight.size()];
    Array columns = geo.newColumns(g.type());
    Array parts =
        Array.uninitialized(g.type(), Shape.of(geo.matrices(), geo.coutOfGroup, geo.taps));
    geo.forEachChunk(
        (first, images) -> {
          geo.gather(x, first, images, columns);
          PortableMatrix.product(
              geo.planes(g, first, images),
              false,
              geo.of(images, columns.nd()),
              true,
              geo.of(images, parts.nd()));
          double[] part = Scratch.mine().doubles(VALUES, gw.length);
          for (int image = 0; image < images; image++) {
            parts.read(image * gw.length, part, 0, gw.length);
            for (int i = 0; i < gw.length; i++) {
              gw[i] += part[i];
            }
          }
        });
    return Array.of(gw, weight).cast(g.type());
  }

  @Override
  public Array maxPool(Array x, Window window) {
    Array y = Array.uninitialized(x.type(), window.out("maxPool2d", x.shape(), x.shape().dim(1)));
    int area = y.shape().size(2, 4);
    forEachPooled(
        x,
        window,
        (plane, image, winners) -> {
          double[] values = Scratch.mine().doubles(VALUES, area);
          for (int i = 0; i < area; i++) {
            values[i] = image[winners[i]];
          }
          y.write(plane * area, values, 0, area);
        });
    return y;
  }

  @Override
  public Array maxPoolGradient(Array x, Array y, Array g, Window window) {
    Array gx = Array.uninitialized(x.type(), x.shape());
    int size = x.shape().size(2, 4);
    int area = y.shape().size(2, 4);
    forEachPooled(
        x,
        window,
        (plane, image, winners) -> {
          double[] values = Scratch.mine().doubles(VALUES, area);
          g.read(plane * area, values, 0, area);
          Arrays.fill(image, 0, size, 0);
          for (int i = 0; i < area; i++) {
            image[winners[i]] += values[i];
          }
          gx.write(plane * size, image, 0, size);
        });
    return gx;
  }

  private interface Pooled {
    void at(int plane, double[] image, int[] winners);
  }

  /** With the place of the first largest number (or of the last NaN) of each window. */
  private static void forEachPooled(Array x, Window window, Pooled body) {
    int h = x.shape().dim(2);
    int w = x.shape().dim(3);
    int area = window.outH(h) * window.outW(w);
    int step = window.strideW();
    Threads.parallelFor(
        x.shape().dim(0) * x.shape().dim(1),
        plane -> {
          double[] image = Scratch.mine().doubles(PLANE, h * w + 1);
          x.read(plane * h * w, image, 0, h * w);
          image[h * w] = Double.NaN; // loses to any number
          boolean careful = Double.isNaN(PortableElementwise.sum(image, h * w));
          int[] winners = Scratch.mine().ints(area);
          Arrays.fill(winners, 0, area, h * w);
          for (int tap = 0; tap < window.kH() * window.kW(); tap++) {
            forEachRun(
                window,
                h,
                w,
                tap,
                (from, to, n) -> {
                  if (careful) {
                    compareCarefully(image, from, step, winners, to, n, h * w);
                  } else {
                    compare(image, from, step, winners, to, n);
                  }
                });
          }
          body.at(plane, image, winners);
        });
  }

  /** Without a branch that no processor can predict. */
  private static void compare(double[] image, int from, int step, int[] winners, int to, int n) {
    for (int i = to, s = from; i < to + n; i++, s += step) {
      int best = winners[i];
      winners[i] = image[s] <= image[best] ? best : s;
    }
  }

  /** {@link #compare} where there may be NaN beside the one at place {@code none}. */
  private static void compareCarefully(
      double[] image, int from, int step, int[] winners, int to, int n, int none) {
    for (int i = to, s = from; i < to + n; i++, s += step) {
      int best = winners[i];
      if (best == none || image[s] > image[best] || Double.isNaN(image[s])) {
        winners[i] = s;
      }
    }
  }

  private interface Run {
    void at(int from, int to, int n);
  }

  /**
   * Calls {@code body} for every row of results: the tap's first place {@code from} in the plane
   * [h, w], the result {@code to} it belongs to, and how many follow each other, whose places are
   * the window's stride apart. What the tap sees of the padding is left out.
   */
  private static void forEachRun(Window window, int h, int w, int tap, Run body) {
    int shiftH = tap / window.kW() * window.dilationH() - window.padH();
    int shiftW = tap % window.kW() * window.dilationW() - window.padW();
    int step = window.strideW();
    int outW = window.outW(w);
    int first = Math.max(0, Math.floorDiv(step - 1 - shiftW, step));
    int last = Math.min(outW, Math.floorDiv(w - 1 - shiftW, step) + 1);
    for (int oh = 0; oh < window.outH(h) && first < last; oh++) {
      int row = oh * window.strideH() + shiftH;
      if (row >= 0 && row < h) {
        body.at(row * w + first * step + shiftW, oh * outW + first, last - first);
      }
    }
  }

  private interface Chunk {
    void run(int first, int images);
  }

  /** Where the parts of one convolution are found: images, groups of channels, weights. */
  private final class Geometry {
    private final Window window;
    private final int groups;
    private final int images;
    private final int channels;
    private final int h;
    private final int w;
    private final int cout;
    private final int coutOfGroup;

    /** Channels of a group, times the taps of the window. */
    private final int taps;

    private final int area;

    /** Images multiplied at once. */
    private final int chunk;

    Geometry(Shape input, Shape weight, Window window, int groups) {
      this.window = window;
      this.groups = groups;
      this.images = input.dim(0);
      this.channels = input.dim(1);
      this.h = input.dim(2);
      this.w = input.dim(3);
      this.cout = weight.dim(0);
      this.coutOfGroup = cout / groups;
      this.taps = weight.dim(1) * window.kH() * window.kW();
      this.area = window.outH(h) * window.outW(w);
      this.chunk = Math.max(1, Math.min(images, COLUMNS / Math.max(1, groups * taps * area)));
    }

    /** Matrices of a full chunk. */
    int matrices() {
      return chunk * groups;
    }

    void forEachChunk(Chunk body) {
      for (int first = 0; first < images; first += chunk) {
        body.run(first, Math.min(chunk, images - first));
      }
    }

    /** The weights once for every image of a chunk. */
    Array repeat(Array weight) {
      return layout.broadcast(
          weight.reshape(Shape.of(1, weight.size())), Shape.of(chunk, weight.size()));
    }

    /** Room for what every tap sees: [chunk * groups, Cin of a group * kH * kW, outH * outW]. */
    Array newColumns(DType type) {
      return Array.zeros(type, Shape.of(matrices(), taps, area));
    }

    /** The matrices of that many images. */
    INDArray of(int images, INDArray chunk) {
      return range(chunk, 0, images * groups);
    }

    /** The planes [groups, Cout of a group, outH * outW] of each image; shares memory. */
    INDArray planes(Array y, int first, int images) {
      return range(
          y.nd(y.size() / (coutOfGroup * area), coutOfGroup, area),
          first * groups,
          images * groups);
    }

    private INDArray range(INDArray matrices, int first, int n) {
      return n == matrices.size(0)
          ? matrices
          : matrices.get(
              NDArrayIndex.interval(first, first + n), NDArrayIndex.all(), NDArrayIndex.all());
    }

    /** Copies what the taps see of some images; what they see of padding stays as it was. */
    void gather(Array x, int first, int images, Array columns) {
      int step = window.strideW();
      forEachPlane(
          images,
          (plane, start) -> {
            int image = (first * channels + plane) * h * w;
            for (int tap = 0; tap < window.kH() * window.kW(); tap++) {
              int row = start + tap * area;
              forEachRun(
                  window,
                  h,
                  w,
                  tap,
                  (from, to, n) -> columns.copy(row + to, x, image + from, step, n));
            }
          });
    }

    /** Adds up, for every place of some images, what the taps that see it hold. */
    void scatter(Array columns, int first, int images, Array x) {
      int step = window.strideW();
      forEachPlane(
          images,
          (plane, start) -> {
            double[] image = Scratch.mine().doubles(PLANE, h * w);
            double[] row = Scratch.mine().doubles(ROW, area);
            Arrays.fill(image, 0, h * w, 0);
            for (int tap = 0; tap < window.kH() * window.kW(); tap++) {
              columns.read(start + tap * area, row, 0, area);
              forEachRun(
                  window,
                  h,
                  w,
                  tap,
                  (from, to, n) -> {
                    for (int i = to, s = from; i < to + n; i++, s += step) {
                      image[s] += row[i];
                    }
                  });
            }
            x.write((first * channels + plane) * h * w, image, 0, h * w);
          });
    }

    /** With each plane's number in the chunk and where its columns start. */
    private void forEachPlane(int images, PlaneBody body) {
      int size = window.kH() * window.kW() * area;
      Threads.parallelFor(images * channels, plane -> body.at(plane, plane * size));
    }
  }

  private interface PlaneBody {
    void at(int plane, int start);
  }
}
