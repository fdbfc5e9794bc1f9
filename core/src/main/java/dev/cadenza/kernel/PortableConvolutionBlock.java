package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * {@link ConvolutionBlock} by the portable convolution and, for what follows it, loops over one
 * plane at a time in the cache.
 */
final class PortableConvolutionBlock implements ConvolutionBlock {
  private static final int PLANE = 0;
  private static final int POOLED = 1;
  private static final int POOLED_G = 2;

  private final Convolution convolution;

  PortableConvolutionBlock(Convolution convolution) {
    this.convolution = convolution;
  }

  /** Pooling windows that have their corners in the image. */
  @Override
  public boolean serves(Window conv, Window pool) {
    return pool.padH() == 0 && pool.padW() == 0;
  }

  /**
   * What the gradient needs again. Means are those of the convolution without its bias, which batch
   * norm takes away.
   *
   * @param planes the convolution
   * @param extreme of each pooling window the value that is largest after batch norm
   * @param distances how far from its window's corner that stands; null if no gradient is asked for
   */
  private record State(
      Array planes, Array extreme, @Nullable Array distances, double[] mean, double[] variance) {}

  @Override
  public Result forward(Inputs in, Settings settings, boolean recording) {
    Array planes = convolution.conv2d(in.x(), in.weight(), null, settings.conv(), 1);
    DType type = planes.type();
    int channels = in.gamma().size();
    Shape out = settings.pool().out("maxPool2d", planes.shape(), channels);
    State state =
        new State(
            planes,
            Array.uninitialized(type, out),
            recording ? Array.uninitialized(type, out) : null,
            new double[channels],
            new double[channels]);
    double[] sign = Arrays.stream(in.gamma().toDoubleArray()).map(Math::signum).toArray();
    Statistics statistics = pool(state, settings, sign, in.bias().toDoubleArray());
    Array y = Array.uninitialized(type, out);
    Activation activation = new Activation(state, in, settings);
    activation.forEach(
        (plane, c, normed) -> {
          normed.keepLargest(0, activation.area);
          activation.drop(normed, plane);
          normed.write(y, plane * activation.area, activation.area);
        });
    return new Result(y, statistics, state);
  }

  /**
   * Fills in the state.
   *
   * @param sign of gamma: where it is 0 all are equal after batch norm, so that the first wins
   */
  private static Statistics pool(State state, Settings settings, double[] sign, double[] bias) {
    Array planes = state.planes;
    int size = planes.shape().size(2, 4);
    double[] nearly = new double[sign.length];
    Arrays.setAll(nearly, c -> PortableNormalization.meanOfFirstTile(planes, c));
    double[][] sums = new double[planes.shape().size(0, 2)][];
    Threads.parallelFor(
        sums.length,
        plane -> {
          int c = plane % sign.length;
          PortableNormalization.Tiles tiles = PortableNormalization.tiles(plane, size);
          sums[plane] = PortableNormalization.sums(planes, nearly[c], planes, nearly[c], tiles);
          // NaN, or an infinity that gamma 0 makes NaN of, may be among them
          pool(state, settings.pool(), plane, sign[c], !Double.isFinite(sums[plane][0]));
        });
    Statistics given = settings.given();
    Shape channels = Shape.of(sign.length);
    if (given != null) {
      given.mean().read(0, state.mean, 0, sign.length);
      given.variance().read(0, state.variance, 0, sign.length);
      for (int c = 0; c < sign.length; c++) {
        state.mean[c] -= bias[c];
      }
      return given;
    }
    double terms = (double) planes.size() / sign.length;
    double[] mean = new double[sign.length];
    for (int c = 0; c < sign.length; c++) {
      double[] total = sumOverImages(sums, c, sign.length);
      double rest = total[0] / terms;
      state.mean[c] = nearly[c] + rest;
      state.variance[c] = Math.max(0, total[1] / terms - rest * rest);
      mean[c] = state.mean[c] + bias[c];
    }
    return new Statistics(
        Array.of(mean, channels).cast(planes.type()),
        Array.of(state.variance, channels).cast(planes.type()));
  }

  private static void pool(State state, Window window, int plane, double sign, boolean careful) {
    Array planes = state.planes;
    int h = planes.shape().dim(2);
    int w = planes.shape().dim(3);
    int outW = window.outW(w);
    int pooled = window.outH(h) * outW;
    Tile image = Scratch.mine().tile(planes.type(), PLANE, h * w + 1);
    image.read(planes, plane * h * w, h * w);
    if (sign != 1) {
      image.affine(0, sign, 0, h * w);
    }
    int[] winners = PortableConvolution.winners(image, h, w, window, careful);
    if (sign != 1) {
      image.read(planes, plane * h * w, h * w);
    }
    Tile tile = Scratch.mine().tile(planes.type(), POOLED, pooled);
    tile.pick(image, winners, pooled);
    tile.write(state.extreme, plane * pooled, pooled);
    if (state.distances != null) {
      for (int row = 0; row * outW < pooled; row++) {
        tile.distances(winners, row * window.strideH() * w, window.strideW(), row * outW, outW);
      }
      tile.write(state.distances, plane * pooled, pooled);
    }
  }

  /** Both sums of a channel, whose planes are {@code channels} apart, in a fixed order. */
  private static double[] sumOverImages(double[][] sums, int c, int channels) {
    double[] total = new double[2];
    for (int plane = c; plane < sums.length; plane += channels) {
      total[0] += sums[plane][0];
      total[1] += sums[plane][1];
    }
    return total;
  }

  private interface Body {
    void at(int plane, int c, Tile normed);
  }

  /** What comes after pooling: batch norm and dropout. */
  private static final class Activation {
    private final State state;
    private final int rows;
    private final int area;
    private final double[] inverse;
    private final double[] scale;
    private final double[] shift;
    private final PortableElementwise.Dropout dropout;

    Activation(State state, Inputs in, Settings settings) {
      Shape pooled = state.extreme.shape();
      this.state = state;
      this.rows = pooled.dim(2);
      this.area = pooled.size(2, 4);
      this.scale = in.gamma().toDoubleArray();
      this.shift = in.beta().toDoubleArray();
      this.inverse = new double[scale.length];
      for (int c = 0; c < scale.length; c++) {
        inverse[c] = 1 / Math.sqrt(state.variance[c] + settings.eps());
        scale[c] *= inverse[c];
      }
      this.dropout = new PortableElementwise.Dropout(settings.p(), settings.seed(), pooled.dim(3));
    }

    /** With the winners of every plane after batch norm. */
    void forEach(Body body) {
      Threads.parallelFor(
          state.extreme.shape().size(0, 2),
          plane -> {
            int c = plane % scale.length;
            Tile normed = Scratch.mine().read(POOLED, state.extreme, plane * area, area);
            normed.affine(state.mean[c], scale[c], shift[c], area);
            body.at(plane, c, normed);
          });
    }

    void drop(Tile tile, int plane) {
      dropout.apply(tile, plane * rows, rows);
    }
  }

  @Override
  public Gradients gradient(
      Inputs in, Settings settings, Result result, Array g, boolean inputToo) {
    State state = (State) result.state();
    Activation activation = new Activation(state, in, settings);
    Array pooled = Array.uninitialized(g.type(), g.shape());
    Shape channels = in.gamma().shape();
    double[] centre = Array.of(state.mean, channels).cast(g.type()).toDoubleArray();
    double[][] sums = new double[g.shape().size(0, 2)][];
    int area = activation.area;
    activation.forEach(
        (plane, c, normed) -> {
          Tile gradient = Scratch.mine().read(POOLED_G, g, plane * area, area);
          activation.drop(gradient, plane);
          gradient.keepWherePositive(normed, area);
          gradient.write(pooled, plane * area, area);
          PortableNormalization.Tiles tiles = PortableNormalization.tiles(plane, area);
          sums[plane] = PortableNormalization.sums(pooled, 0, state.extreme, centre[c], tiles);
        });
    double[] gBias = new double[channels.size()];
    double[] gGamma = new double[channels.size()];
    double[] gBeta = new double[channels.size()];
    for (int c = 0; c < gBias.length; c++) {
      double[] total = sumOverImages(sums, c, gBias.length);
      double rounding = (state.mean[c] - centre[c]) * total[0];
      gBeta[c] = total[0];
      gGamma[c] = (total[1] - rounding) * activation.inverse[c];
      if (settings.given() != null) { // statistics of the batch take away any constant
        gBias[c] = gBeta[c] * activation.scale[c];
      }
    }
    boolean given = settings.given() != null;
    Array planes = unpool(activation, settings.pool(), given, pooled, gBeta, gGamma);
    Window conv = settings.conv();
    return new Gradients(
        inputToo ? convolution.inputGradient(planes, in.weight(), in.x().shape(), conv, 1) : null,
        convolution.weightGradient(planes, in.x(), in.weight().shape(), conv, 1),
        Array.of(gBias, channels).cast(g.type()),
        Array.of(gGamma, channels).cast(g.type()),
        Array.of(gBeta, channels).cast(g.type()));
  }

  /**
   * The gradient of the convolution's output: scale (g - mean(g) - xhat mean(g xhat)), where g is
   * that of the winners, and 0 elsewhere.
   *
   * @param given whether the statistics are, which then do not depend on the image
   */
  private static Array unpool(
      Activation activation,
      Window window,
      boolean given,
      Array pooled,
      double[] gBeta,
      double[] gGamma) {
    State state = activation.state;
    Array distances = Objects.requireNonNull(state.distances);
    Array out = Array.uninitialized(pooled.type(), state.planes.shape());
    int channels = gBeta.length;
    int w = out.shape().dim(3);
    int size = out.shape().size(2, 4);
    int outW = pooled.shape().dim(3);
    int area = activation.area;
    double terms = (double) out.size() / channels;
    Threads.parallelFor(
        out.shape().size(0, 2),
        plane -> {
          int c = plane % channels;
          double scale = activation.scale[c];
          double slope = -scale * activation.inverse[c] * gGamma[c] / terms;
          Tile image = Scratch.mine().read(PLANE, state.planes, plane * size, size);
          if (given) {
            image.fill(0, size);
          } else {
            image.affine(state.mean[c], slope, -scale * gBeta[c] / terms, size);
          }
          Tile distance = Scratch.mine().read(POOLED, distances, plane * area, area);
          Tile gradient = Scratch.mine().read(POOLED_G, pooled, plane * area, area);
          for (int row = 0; row < activation.rows; row++) {
            int corner = row * window.strideH() * w;
            image.scatter(corner, window.strideW(), distance, gradient, scale, row * outW, outW);
          }
          image.write(out, plane * size, size);
        });
    return out;
  }
}
