package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * {@link Convolution} by BLAS and copies of rows. What a tap of the window sees of a plane is a run
 * of numbers for each row of the result: a convolution copies the runs of all taps one below the
 * other (im2col) and multiplies, its gradient adds them up where they came from, pooling keeps the
 * largest of all taps. Strided ND4J views would do the same, and do it wrongly for some strides in
 * 1.0.0-M2.1.
 */
final class PortableConvolution implements Convolution {
  /** Numbers that the taps of the images multiplied at once see together, to stay in a cache. */
  private static final int COLUMNS = 1 << 17;

  /** Parts of the images whose weight gradients are summed side by side. */
  private static final int PARTS = 8;

  /** Numbers that the sums of all parts hold at most. */
  private static final int SUMS = 1 << 22;

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
    double[] shift = bias == null ? null : bias.toDoubleArray();
    geo.forEachChunk(
        x.type(),
        (first, images, columns, product) -> {
          geo.gather(x, first, images, columns);
          product.of(
              geo.of(images, weights),
              false,
              geo.of(images, columns.nd()),
              false,
              geo.planes(y, first, images));
          if (shift != null) {
            geo.addBias(y, first, images, shift);
          }
        });
    return y;
  }

  @Override
  public Array inputGradient(Array g, Array weight, Shape input, Window window, int groups) {
    if (g.size() == 0) {
      return Array.zeros(g.type(), input);
    }
    Geometry geo = new Geometry(input, weight.shape(), window, groups);
    Array gx = Array.uninitialized(g.type(), input);
    INDArray weights = geo.repeat(weight).nd(geo.matrices(), geo.coutOfGroup, geo.taps);
    geo.forEachChunk(
        g.type(),
        (first, images, columns, product) -> {
          product.of(
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
    int size = weight.size();
    int parts = Math.max(1, Math.min(Math.min(PARTS, geo.images), SUMS / size));
    double[][] sums = new double[parts][size];
    Array[] products = geo.newProducts(g.type(), parts);
    geo.share(
        g.type(),
        parts,
        (part, columns, product) -> {
          int end = geo.images * (part + 1) / parts;
          for (int first = geo.images * part / parts, images; first < end; first += images) {
            images = Math.min(geo.chunk, end - first);
            geo.gather(x, first, images, columns);
            product.of(
                geo.planes(g, first, images),
                false,
                geo.of(images, columns.nd()),
                true,
                geo.of(images, products[part].nd()));
            double[] gradient = Scratch.mine().doubles(VALUES, size);
            for (int image = 0; image < images; image++) {
              products[part].read(image * size, gradient, 0, size);
              add(sums[part], gradient, size);
            }
          }
        });
    for (int part = 1; part < parts; part++) {
      add(sums[0], sums[part], size);
    }
    return Array.of(sums[0], weight).cast(g.type());
  }

  private static void add(double[] sum, double[] more, int n) {
    for (int i = 0; i < n; i++) {
      sum[i] += more[i];
    }
  }

  /** The largest of the rows that a row of windows sees, then of its columns. */
  @Override
  public Array maxPool(Array x, Window window) {
    int h = x.shape().dim(2);
    int w = x.shape().dim(3);
    int outH = window.outH(h);
    int outW = window.outW(w);
    Window line = Window.of(1, window.kW()).dilation(1, window.dilationW());
    Window columns = line.stride(1, window.strideW()).padding(0, window.padW());
    Array y = Array.uninitialized(x.type(), window.out("maxPool2d", x.shape(), x.shape().dim(1)));
    Threads.parallelFor(
        x.shape().dim(0) * x.shape().dim(1),
        plane -> {
          Scratch scratch = Scratch.mine();
          Tile rows = scratch.tile(x.type(), PLANE, w);
          Tile values = scratch.tile(x.type(), VALUES, outW);
          for (int oh = 0; oh < outH; oh++) {
            rows.fill(Double.NEGATIVE_INFINITY, w);
            for (int tap = 0; tap < window.kH(); tap++) {
              int row = oh * window.strideH() + tap * window.dilationH() - window.padH();
              if (row >= 0 && row < h) {
                rows.keepLargest(scratch.read(ROW, x, (plane * h + row) * w, w), w);
              }
            }
            values.fill(Double.NEGATIVE_INFINITY, outW);
            for (int tap = 0; tap < window.kW(); tap++) {
              forEachRun(
                  columns,
                  1,
                  w,
                  tap,
                  (from, to, n) -> values.keepLargest(to, rows, from, window.strideW(), n));
            }
            values.write(y, (plane * outH + oh) * outW, outW);
          }
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
          Tile values = Scratch.mine().read(VALUES, g, plane * area, area);
          image.fill(0, size);
          for (int i = 0; i < area; i++) {
            image.set(winners[i], image.get(winners[i]) + values.get(i));
          }
          image.write(gx, plane * size, size);
        });
    return gx;
  }

  private interface Pooled {
    void at(int plane, Tile image, int[] winners);
  }

  private static void forEachPooled(Array x, Window window, Pooled body) {
    int h = x.shape().dim(2);
    int w = x.shape().dim(3);
    Threads.parallelFor(
        x.shape().dim(0) * x.shape().dim(1),
        plane -> {
          Tile image = Scratch.mine().tile(x.type(), PLANE, h * w + 1);
          image.read(x, plane * h * w, h * w);
          boolean careful = Double.isNaN(PortableElementwise.sum(image, 0, h * w));
          body.at(plane, image, winners(image, h, w, window, careful));
        });
  }

  /**
   * The place of the first largest number (or of the last NaN) of each window of a plane [h, w].
   *
   * @param image the plane, and room for one number more, which becomes NaN; modified
   * @param careful whether there may be NaN in the plane
   * @return at least as many as there are windows, until the next call of this thread
   */
  static int[] winners(Tile image, int h, int w, Window window, boolean careful) {
    int area = window.outH(h) * window.outW(w);
    int step = window.strideW();
    image.set(h * w, Double.NaN); // loses to any number
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
              image.challenge(from, step, winners, to, n);
            }
          });
    }
    return winners;
  }

  /** {@link Tile#challenge} where there may be NaN beside the one at place {@code none}. */
  private static void compareCarefully(
      Tile image, int from, int step, int[] winners, int to, int n, int none) {
    for (int i = to, s = from; i < to + n; i++, s += step) {
      int best = winners[i];
      if (best == none || image.get(s) > image.get(best) || Double.isNaN(image.get(s))) {
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
    int outH = window.outH(h);
    int outW = window.outW(w);
    int first = Math.max(0, Math.floorDiv(step - 1 - shiftW, step));
    int last = Math.min(outW, Math.floorDiv(w - 1 - shiftW, step) + 1);
    for (int oh = 0; oh < outH && first < last; oh++) {
      int row = oh * window.strideH() + shiftH;
      if (row >= 0 && row < h) {
        body.at(row * w + first * step + shiftW, oh * outW + first, last - first);
      }
    }
  }

  /** Where the first run begins, in the plane and in the results, and the last one ends. */
  private static final class Ends implements Run {
    private int from;
    private int to;
    private int end;

    @Override
    public void at(int from, int to, int n) {
      if (end == 0) {
        this.from = from;
        this.to = to;
      }
      end = from + n;
    }
  }

  private interface Product {
    void of(INDArray a, boolean transposeA, INDArray b, boolean transposeB, INDArray y);
  }

  private interface Task {
    void run(int task, Array columns, Product product);
  }

  private interface Chunk {
    void run(int first, int images, Array columns, Product product);
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

    /**
     * Runs the tasks on all threads. Each thread has room for what every tap sees: columns [chunk *
     * groups, Cin of a group * kH * kW, outH * outW], 0 at first. A single task has its products
     * shared out instead.
     */
    void share(DType type, int tasks, Task body) {
      Product product = tasks == 1 ? PortableMatrix::share : PortableMatrix::product;
      Array[] columns = arrays(type, Math.min(tasks, Threads.count()), taps, area);
      AtomicInteger next = new AtomicInteger();
      Threads.parallelFor(
          columns.length,
          lane -> {
            for (int i = next.getAndIncrement(); i < tasks; i = next.getAndIncrement()) {
              body.run(i, columns[lane], product);
            }
          });
    }

    void forEachChunk(DType type, Chunk body) {
      share(
          type,
          (images + chunk - 1) / chunk,
          (i, columns, product) ->
              body.run(i * chunk, Math.min(chunk, images - i * chunk), columns, product));
    }

    /** The weights once for every image of a chunk. */
    Array repeat(Array weight) {
      return layout.broadcast(
          weight.reshape(Shape.of(1, weight.size())), Shape.of(chunk, weight.size()));
    }

    /** Room for the weight gradients of every image: [chunk * groups, Cout of a group, taps]. */
    Array[] newProducts(DType type, int n) {
      return arrays(type, n, coutOfGroup, taps);
    }

    /** {@code n} arrays [chunk * groups, rows, columns] of 0. */
    private Array[] arrays(DType type, int n, int rows, int columns) {
      Shape shape = Shape.of(matrices(), rows, columns);
      return Stream.generate(() -> Array.zeros(type, shape)).limit(n).toArray(Array[]::new);
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
      return n == matrices.size(0) ? matrices : PortableMatrix.range(matrices, 0, first, first + n);
    }

    void addBias(Array y, int first, int images, double[] bias) {
      for (int plane = first * cout; plane < (first + images) * cout; plane++) {
        Tile values = Scratch.mine().read(PLANE, y, plane * area, area);
        values.affine(0, 1, bias[plane % cout], area);
        values.write(y, plane * area, area);
      }
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
            Tile image = Scratch.mine().tile(x.type(), PLANE, h * w);
            image.fill(0, h * w);
            for (int tap = 0; tap < window.kH() * window.kW(); tap++) {
              if (step == 1 && window.strideH() == 1 && window.outW(w) == w) {
                addAtOnce(tap, columns, start + tap * area, image);
              } else {
                Tile row = Scratch.mine().read(ROW, columns, start + tap * area, area);
                forEachRun(window, h, w, tap, (from, to, n) -> image.add(from, step, row, to, n));
              }
            }
            image.write(x, (first * channels + plane) * h * w, h * w);
          });
    }

    /**
     * Adds what a tap holds where plane and results are equally wide: all of its runs and, as 0,
     * what stands between them. At the same places of two arrays the compiler makes vectors of it.
     */
    private void addAtOnce(int tap, Array columns, int start, Tile image) {
      Ends ends = new Ends();
      forEachRun(window, h, w, tap, ends);
      Tile row = Scratch.mine().tile(columns.type(), ROW, ends.end);
      row.read(columns, start + ends.to, ends.from, ends.end - ends.from);
      forEachRun(
          window,
          h,
          w,
          tap,
          (from, to, n) -> {
            if (from > ends.from) {
              row.clear(from - (w - n), from);
            }
          });
      image.add(row, ends.from, ends.end);
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
