package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A convolution block: convolution, batch norm, ReLU, max pooling and dropout, some channels of an
 * image at a time in the cache.
 *
 * <p>Batch norm followed by ReLU is monotonous in each channel, rising or falling with the sign of
 * gamma, so pooling may come first: the one pass over the convolution keeps of each pooling window
 * the largest (or smallest) raw value, where it stood, and the statistics. A convolution that is
 * cheaper to compute again, bit for bit, than to write and read is not stored.
 *
 * <p>Images are padded and flattened, so that each tap of the convolution is a constant shift; the
 * columns that this computes too much per row are garbage, and cleared where they matter.
 */
final class SimdConvBlock {
  /** The number of channels convolved before their planes leave the cache. */
  private static final int GROUP = SimdProduct.GROUP;

  /** Sums over fewer terms are computed again: two floats a value pass through memory otherwise. */
  private static final int CHEAP_TERMS = 64;

  private static final int MAX_PARTS = 16;

  /** Few images are cut into parts of their channels, until there are as many tasks. */
  private static final int TASKS = 8;

  private static final int INPUT = 0;
  private static final int PLANES = 1;
  private static final int LINE = 2;
  private static final int POOLED = 3;
  private static final int POOLED_G = 4;
  private static final int OUTPUT = 5;
  private static final int PLACES = 6;
  private static final int WEIGHT = 7;
  private static final int INTERLEAVED = 8;
  private static final int MIRRORED = 9;
  private static final int MIRRORED_INTERLEAVED = 10;
  private static final int MEANS = 0; // of doubles
  private static final int SQUARES = 1;

  private final Array x;
  private final ConvolutionBlock.Settings settings;
  private final Window pool;
  private final PaddedImages images;
  private final int n;
  private final int cin;
  private final int cout;
  private final int h;
  private final int w;
  private final int taps;
  private final int gap; // garbage columns between rows
  private final int rowStep;
  private final int positions;
  private final int outPlane; // of outputs with a border like the input's
  private final int first; // where the first output stands in its plane
  private final int pooledH;
  private final int pooledW;
  private final SimdPooling pooling;
  private final float[] weight;
  private final float[] interleaved;
  private final float[] bias;
  private final float[] gamma;
  private final float[] beta;

  SimdConvBlock(ConvolutionBlock.Inputs in, ConvolutionBlock.Settings settings) {
    this.x = in.x();
    this.settings = settings;
    this.pool = settings.pool();
    this.images = new PaddedImages(x.shape().dim(1), x.shape(), settings.conv());
    this.n = x.shape().dim(0);
    this.cin = x.shape().dim(1);
    this.cout = in.weight().shape().dim(0);
    this.h = images.h;
    this.w = images.w;
    this.taps = images.taps;
    this.gap = 2 * settings.conv().padW();
    this.rowStep = images.rowStep;
    this.positions = images.positions;
    this.first = settings.conv().padH() * rowStep + settings.conv().padW();
    this.outPlane = SimdProduct.padded(images.plane + gap) + LANES;
    this.pooledH = h / pool.kH();
    this.pooledW = w / pool.kW();
    this.pooling = new SimdPooling(pool, rowStep, Shape.of(pooledH, pooledW));
    Scratch own = Scratch.mine();
    this.weight = own.floats(WEIGHT, in.weight());
    int k = cin * taps;
    this.interleaved =
        SimdProduct.interleaved(
            this.weight,
            RowStarts.apart(cout, 0, k),
            1,
            k,
            own.floats(INTERLEAVED, SimdProduct.interleavedSize(cout, k)));
    this.bias = in.bias().toFloatArray();
    this.gamma = in.gamma().toFloatArray();
    this.beta = in.beta().toFloatArray();
  }

  /** Convolutions that keep the size, and pooling windows that tile the image. */
  static boolean serves(Window conv, Window pool) {
    return conv.unitStride()
        && 2 * conv.padH() == conv.dilationH() * (conv.kH() - 1)
        && 2 * conv.padW() == conv.dilationW() * (conv.kW() - 1)
        && pool.sideBySide();
  }

  /**
   * What the gradient needs again. The means are those of the convolution without its bias, which
   * batch norm takes away.
   *
   * @param extreme of each pooling window the value that wins after batch norm
   * @param places how far from its window's corner each winner stands in the plane
   * @param planes the convolution [N, Cout, outPlane]; null if it is computed again, or not needed
   *     because the statistics are given
   */
  private record State(
      Array extreme,
      @Nullable Array places,
      @Nullable Array planes,
      float[] mean,
      float[] variance) {}

  ConvolutionBlock.Result forward(boolean recording) {
    Shape out = Shape.of(n, cout, pooledH, pooledW);
    boolean batchStatistics = settings.given() == null;
    boolean keep = recording && batchStatistics && cin * taps >= CHEAP_TERMS;
    State state =
        new State(
            Array.uninitialized(DType.FLOAT32, out),
            recording ? Array.uninitialized(DType.FLOAT32, out) : null,
            keep ? Array.uninitialized(DType.FLOAT32, Shape.of(n, cout, outPlane)) : null,
            new float[cout],
            new float[cout]);
    double[] means = Scratch.mine().doubles(MEANS, n * cout);
    double[] squares = Scratch.mine().doubles(SQUARES, n * cout);
    int groups = (cout + GROUP - 1) / GROUP;
    int parts = Math.max(1, Math.min(groups, TASKS / Math.max(1, n)));
    Threads.parallelFor(
        n * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int image = task / parts;
          int part = task % parts;
          float[] in = images.read(x, image * cin * h * w, scratch, INPUT);
          float[] planes = scratch.floats(PLANES, GROUP * outPlane + SimdPooling.slack(pool));
          int last = Math.min(cout, (part + 1) * groups / parts * GROUP);
          for (int c = part * groups / parts * GROUP; c < last; c += GROUP) {
            int count = Math.min(GROUP, last - c);
            convolve(in, planes, 0, c, count);
            for (int i = 0; i < count && batchStatistics; i++) {
              int at = image * cout + c + i;
              int plane = i * outPlane;
              clear(planes, plane, 0);
              float centre = (float) (SimdRows.sum(planes, plane + first, positions) / (h * w));
              clear(planes, plane, centre);
              double rest =
                  SimdRows.sumOfDifferences(planes, plane + first, positions, centre) / (h * w);
              means[at] = centre + rest; // of equal values the value itself
              squares[at] =
                  SimdRows.sumOfSquares(planes, plane + first, positions, centre)
                      - h * w * rest * rest;
            }
            if (state.planes != null) {
              state.planes.write((image * cout + c) * outPlane, planes, 0, count * outPlane);
            }
            pool(planes, image * cout + c, count, state, scratch);
          }
        });
    ConvolutionBlock.Statistics statistics = settings.given();
    if (statistics == null) {
      statistics = combine(means, squares, state);
    } else {
      float[] mean = statistics.mean().toFloatArray();
      float[] variance = statistics.variance().toFloatArray();
      for (int c = 0; c < cout; c++) {
        state.mean[c] = mean[c] - bias[c];
        state.variance[c] = variance[c];
      }
    }
    Array y = Array.uninitialized(DType.FLOAT32, out);
    activate(y, state);
    return new ConvolutionBlock.Result(y, statistics, state);
  }

  /** Convolves some channels into planes, without bias. */
  private void convolve(float[] in, float[] planes, int start, int channel, int count) {
    int k = cin * taps;
    SimdProduct.multiplyInterleaved(
        interleaved,
        RowStarts.interleaved(count, channel * k, k),
        in,
        images.shifts,
        k,
        planes,
        start + first,
        outPlane,
        positions,
        false);
  }

  /** Writes a value to all places of a plane that hold no output. */
  private void clear(float[] planes, int plane, float value) {
    Arrays.fill(planes, plane, plane + first, value);
    int end = plane + first + w; // of a row
    for (int row = 1; row < h; row++, end += rowStep) {
      for (int i = end; i < end + gap; i++) {
        planes[i] = value;
      }
    }
    Arrays.fill(planes, end, plane + outPlane, value);
  }

  /**
   * Of each window the value that will be its largest after batch norm, and its place.
   *
   * @param channel the first of {@code count}, counted through all images
   */
  private void pool(float[] planes, int channel, int count, State state, Scratch scratch) {
    int area = pooledH * pooledW;
    float[] pooled = scratch.floats(POOLED, count * area);
    float[] places = state.places == null ? null : scratch.floats(PLACES, count * area);
    for (int i = 0, next; i < count; i = next) {
      float slope = Math.signum(gamma[(channel + i) % cout]);
      int plane = i * outPlane + first;
      next = i + 1;
      if (slope == 0) { // all are equal after batch norm: the first one wins
        pooling.corners(planes, plane, pooled, i * area, places);
        continue;
      }
      while (next < count && Math.signum(gamma[(channel + next) % cout]) == slope) {
        next++;
      }
      pooling.pool(planes, plane, outPlane, next - i, slope < 0, pooled, i * area, places, scratch);
    }
    state.extreme.write(channel * area, pooled, 0, count * area);
    if (state.places != null && places != null) {
      state.places.write(channel * area, places, 0, count * area);
    }
  }

  /** Joins the statistics of all images in a fixed order (Chan, Golub and LeVeque 1979). */
  private ConvolutionBlock.Statistics combine(double[] means, double[] squares, State state) {
    float[] withBias = new float[cout];
    for (int c = 0; c < cout; c++) {
      double sum = 0;
      for (int image = 0; image < n; image++) {
        sum += means[image * cout + c];
      }
      double mean = sum / n;
      double square = 0;
      for (int image = 0; image < n; image++) {
        double d = means[image * cout + c] - mean;
        square += squares[image * cout + c] + h * w * d * d;
      }
      state.mean[c] = (float) mean;
      state.variance[c] = (float) (square / ((double) n * h * w));
      withBias[c] = (float) (mean + bias[c]);
    }
    Shape channels = Shape.of(cout);
    return new ConvolutionBlock.Statistics(
        Array.of(withBias, channels), Array.of(state.variance, channels));
  }

  private float inverseDeviation(State state, int c) {
    return (float) (1 / Math.sqrt(state.variance[c] + settings.eps()));
  }

  /** Batch norm, ReLU and dropout of the pooled values. */
  private void activate(Array y, State state) {
    int size = cout * pooledH * pooledW;
    Threads.parallelFor(
        n,
        image -> {
          Scratch scratch = Scratch.mine();
          float[] v = read(state.extreme, image, scratch, POOLED);
          for (int c = 0; c < cout; c++) {
            float scale = gamma[c] * inverseDeviation(state, c);
            float shift = beta[c] - state.mean[c] * scale;
            int from = c * pooledH * pooledW;
            for (int i = from; i < from + pooledH * pooledW; i++) {
              v[i] = Math.max(0, v[i] * scale + shift);
            }
          }
          dropout(v, image, scratch);
          y.write(image * size, v, 0, size);
        });
  }

  private float[] read(Array pooled, int image, Scratch scratch, int slot) {
    int size = cout * pooledH * pooledW;
    float[] v = scratch.floats(slot, size);
    pooled.read(image * size, v, 0, size);
    return v;
  }

  /** Dropout of the pooled values of an image. */
  private void dropout(float[] v, int image, Scratch scratch) {
    int threshold = DropoutMask.threshold(settings.p());
    if (threshold == 0) {
      return;
    }
    float scale = DropoutMask.scale(settings.p());
    float[] line = scratch.floats(LINE, SimdProduct.padded(pooledW));
    for (int row = 0; row < cout * pooledH; row++) {
      int key = DropoutMask.rowKey(settings.seed(), (long) image * cout * pooledH + row);
      System.arraycopy(v, row * pooledW, line, 0, pooledW);
      SimdRows.dropout(line, 0, pooledW, key, threshold, scale);
      System.arraycopy(line, 0, v, row * pooledW, pooledW);
    }
  }

  ConvolutionBlock.Gradients gradient(ConvolutionBlock.Result result, Array g, boolean inputToo) {
    State state = (State) result.state();
    Scratch own = Scratch.mine();
    double[] gBetas = own.doubles(MEANS, n * cout);
    double[] gGammas = own.doubles(SQUARES, n * cout);
    Array gPooled = pooledGradient(state, g, gBetas, gGammas);
    float[] gBeta = sumOverImages(gBetas);
    float[] gGamma = sumOverImages(gGammas);
    Slope[] slopes = new Slope[cout];
    Arrays.setAll(slopes, c -> slope(state, c, gBeta[c], gGamma[c]));
    Array gx = inputToo ? Array.uninitialized(DType.FLOAT32, x.shape()) : null;
    int k = cout * taps;
    float[] turned = own.floats(MIRRORED, cin * k);
    SimdConvolution.mirror(weight, cout, cin, taps, turned);
    float[] mirrored =
        SimdProduct.interleaved(
            turned,
            RowStarts.apart(cin, 0, k),
            1,
            k,
            own.floats(MIRRORED_INTERLEAVED, SimdProduct.interleavedSize(cin, k)));
    int[] mirroredRows = RowStarts.interleaved(cin, 0, k);
    int[] planeShifts = planeShifts();
    int parts = Math.min(n, MAX_PARTS);
    SimdWeightGradient[] gWeights = SimdWeightGradient.parts(parts, images, cout);
    int group = inputToo ? cout : GROUP; // the input's gradient needs all channels at once
    Threads.parallelFor(
        parts,
        part -> {
          Scratch scratch = Scratch.mine();
          SimdWeightGradient sum = gWeights[part];
          for (int image = part * n / parts; image < (part + 1) * n / parts; image++) {
            float[] in = images.read(x, image * cin * h * w, scratch, INPUT);
            float[] planes = scratch.floats(PLANES, group * outPlane);
            float[] places = read(Objects.requireNonNull(state.places), image, scratch, PLACES);
            float[] gz = read(gPooled, image, scratch, POOLED_G);
            for (int c = 0; c < cout; c += group) {
              int count = Math.min(group, cout - c);
              recall(state, in, image, c, count, planes);
              for (int i = 0; i < count; i++) {
                int from = (c + i) * pooledH * pooledW;
                unpool(planes, i * outPlane, places, gz, from, slopes[c + i]);
              }
              sum.add(in, planes, first, outPlane, c, count, scratch, OUTPUT);
            }
            if (gx != null) {
              int width = SimdProduct.padded(positions);
              float[] out = scratch.floats(OUTPUT, cin * width + LANES);
              SimdProduct.multiplyInterleaved(
                  mirrored, mirroredRows, planes, planeShifts, k, out, 0, width, positions, false);
              float[] lines = scratch.floats(LINE, cin * h * w + LANES);
              for (int c = 0; c < cin; c++) {
                SimdRows.join(out, c * width, rowStep, h, w, lines, c * h * w);
              }
              gx.write(image * cin * h * w, lines, 0, cin * h * w);
            }
          }
        });
    Window conv = settings.conv();
    Shape channels = Shape.of(cout);
    return new ConvolutionBlock.Gradients(
        gx,
        SimdWeightGradient.total(gWeights, Shape.of(cout, cin, conv.kH(), conv.kW())),
        Array.of(biasGradient(state, gBeta), channels),
        Array.of(gGamma, channels),
        Array.of(gBeta, channels));
  }

  /** The convolution of some channels as in forward, but for what stands between the rows. */
  private void recall(State state, float[] in, int image, int channel, int count, float[] planes) {
    if (state.planes != null) {
      state.planes.read((image * cout + channel) * outPlane, planes, 0, count * outPlane);
    } else if (settings.given() == null) {
      convolve(in, planes, 0, channel, count);
    }
  }

  /**
   * Through dropout and ReLU: the gradient of each window's winner; and the sums for batch norm.
   */
  private Array pooledGradient(State state, Array g, double[] gBetas, double[] gGammas) {
    Array out = Array.uninitialized(DType.FLOAT32, g.shape());
    int area = pooledH * pooledW;
    Threads.parallelFor(
        n,
        image -> {
          Scratch scratch = Scratch.mine();
          float[] extreme = read(state.extreme, image, scratch, POOLED);
          float[] gz = read(g, image, scratch, POOLED_G);
          dropout(gz, image, scratch);
          for (int c = 0; c < cout; c++) {
            float inverse = inverseDeviation(state, c);
            float scale = gamma[c] * inverse;
            float shift = beta[c] - state.mean[c] * scale;
            int at = image * cout + c;
            SimdRows.reluGradient(gz, extreme, c * area, area, scale, shift);
            gBetas[at] = SimdRows.sumWithin(gz, c * area, area);
            gGammas[at] =
                inverse * SimdRows.productWithin(gz, extreme, c * area, area, state.mean[c]);
          }
          out.write(image * cout * area, gz, 0, cout * area);
        });
    return out;
  }

  /** Zero with the statistics of the batch: they take away any constant. */
  private float[] biasGradient(State state, float[] gBeta) {
    float[] g = new float[cout];
    if (settings.given() != null) {
      for (int c = 0; c < cout; c++) {
        g[c] = gamma[c] * inverseDeviation(state, c) * gBeta[c];
      }
    }
    return g;
  }

  private float[] sumOverImages(double[] perImage) {
    float[] sum = new float[cout];
    for (int c = 0; c < cout; c++) {
      double s = 0;
      for (int image = 0; image < n; image++) {
        s += perImage[image * cout + c];
      }
      sum[c] = (float) s;
    }
    return sum;
  }

  /**
   * The gradient of the convolution's output v: {@code winner g + slope v + offset}, where g is the
   * gradient of a window's winner.
   */
  private record Slope(float winner, float slope, float offset) {}

  private Slope slope(State state, int c, float gBeta, float gGamma) {
    double count = (double) n * h * w;
    double inverse = inverseDeviation(state, c);
    double scale = gamma[c] * inverse;
    if (settings.given() != null) {
      return new Slope((float) scale, 0, 0); // given statistics do not depend on the image
    }
    double slope = -scale * inverse * gGamma / count;
    double offset = -scale * gBeta / count - slope * state.mean[c];
    return new Slope((float) scale, (float) slope, (float) offset);
  }

  /** Turns a plane of the convolution into its gradient. */
  private void unpool(
      float[] planes, int plane, float[] places, float[] gz, int from, Slope slope) {
    if (settings.given() == null) {
      SimdRows.affine(planes, plane + first, positions, slope.slope, slope.offset);
      clear(planes, plane, 0);
    } else {
      Arrays.fill(planes, plane, plane + outPlane, 0);
    }
    pooling.scatter(gz, from, slope.winner, places, from, planes, plane + first);
  }

  /** Where each channel's tap reads the padded planes of the output's gradient. */
  private int[] planeShifts() {
    int[] s = new int[cout * taps];
    Arrays.setAll(s, i -> i / taps * outPlane + images.shifts[i % taps]);
    return s;
  }
}
