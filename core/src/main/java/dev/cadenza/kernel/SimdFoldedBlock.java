package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A convolution block whose batch norm uses given statistics and is folded into the convolution:
 * {@code relu(maxPool(conv(x, w scale)) + shift)}. ReLU and adding a constant do not change which
 * value of a window is the largest, so they come after pooling.
 *
 * <p>NaN wins a window, which makes a maximum of floats six instructions. Of numbers that are not
 * negative, the order is that of their bits as whole numbers, and there it is one: where inputs are
 * too small for sums to overflow, shift and ReLU come first.
 */
final class SimdFoldedBlock implements UnaryOperator<Array> {
  /** Channels are convolved in groups of as many rows as the product takes at once. */
  private static final int GROUP = SimdProduct.GROUP;

  /** Bands of few images are cut into groups of channels, until there are as many tasks. */
  private static final int TASKS = 16;

  /** Rows of windows that a task pools before it writes them, to write longer runs. */
  private static final int ROWS = 4;

  /** Sums of some hundred such are finite, too: what Winograd's products are made of. */
  private static final float LARGE = 1e36f;

  private static final int INPUT = 0;
  private static final int PLANES = 1;
  private static final int POOLED = 2;

  private final Window pool;
  private final PaddedImages bands; // of what one row of pooling windows needs
  private final int cout;
  private final int k;
  private final float[] weight; // interleaved
  private final float[] shift;
  private final @Nullable Quick quick;

  /**
   * What a task pools.
   *
   * @param image where its first channel starts
   * @param from the first row of windows
   * @param first of the channels of outputs
   */
  record Part(int image, int from, int rows, int first, int count) {}

  /** A way to pool where all sums are finite, in any order. */
  interface Quick {
    /**
     * The largest value of each window, plus the channel's shift, or 0 if that is negative.
     *
     * @param to where the windows go row by row, {@code toStep} from channel to channel, and a
     *     vector more
     * @return false if inputs are too large, or none of this serves
     */
    boolean pool(Array x, Part part, float[] to, int toStep, Scratch scratch);
  }

  SimdFoldedBlock(
      ConvolutionBlock.Inputs in,
      ConvolutionBlock.Settings settings,
      ConvolutionBlock.Statistics given) {
    Shape x = in.x().shape();
    this.pool = settings.pool();
    this.bands = new PaddedImages(x.dim(1), x, settings.conv(), pool.kH());
    this.cout = in.weight().shape().dim(0);
    this.k = x.dim(1) * bands.taps;
    float[] folded = in.weight().toFloatArray();
    this.shift = new float[cout];
    double[] b = in.bias().toDoubleArray();
    double[] scale = in.gamma().toDoubleArray();
    double[] add = in.beta().toDoubleArray();
    double[] mean = given.mean().toDoubleArray();
    double[] variance = given.variance().toDoubleArray();
    for (int c = 0; c < cout; c++) {
      double factor = scale[c] / Math.sqrt(variance[c] + settings.eps());
      shift[c] = (float) (add[c] + (b[c] - mean[c]) * factor);
      for (int i = c * k; i < (c + 1) * k; i++) {
        folded[i] = (float) (folded[i] * factor);
      }
    }
    float largest = SimdRows.largestMagnitude(folded, cout * k);
    boolean finite = largest <= LARGE && SimdRows.largestMagnitude(shift, cout) <= LARGE;
    // Infinity is never tame: a weight of 0 makes NaN of it. Nothing is less than NaN.
    float tame = finite ? Math.min(LARGE, LARGE / k / largest) : Float.NaN;
    this.weight = SimdProduct.interleaved(folded, RowStarts.apart(cout, 0, k), 1, k);
    if (SimdSingleChannel.serves(x.dim(1), settings.conv(), pool)) {
      this.quick = new SimdSingleChannel(bands, folded, shift, tame);
    } else if (SimdWinograd.serves(x.dim(1), settings.conv(), pool)) {
      this.quick = new SimdWinograd(bands, pool, folded, shift, tame);
    } else {
      this.quick = null;
    }
  }

  @Override
  public Array apply(Array x) {
    int n = x.shape().dim(0);
    int pooledH = bands.outH / pool.kH();
    int pooledW = bands.outW / pool.kW();
    Array y = Array.uninitialized(DType.FLOAT32, Shape.of(n, cout, pooledH, pooledW));
    int groups = (cout + GROUP - 1) / GROUP;
    int parts = Math.max(1, Math.min(groups, TASKS / Math.max(1, n * pooledH)));
    int rows = Math.max(1, Math.min(ROWS, n * pooledH / TASKS));
    int chunks = (pooledH + rows - 1) / rows;
    int step = rows * pooledW + LANES;
    int size = bands.channels * bands.h * bands.w;
    Threads.parallelFor(
        n * chunks * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int image = task / parts / chunks;
          int from = task / parts % chunks * rows;
          int first = task % parts * groups / parts * GROUP;
          int end = Math.min(cout, (task % parts + 1) * groups / parts * GROUP);
          int count = Math.min(rows, pooledH - from);
          Part part = new Part(image * size, from, count, first, end - first);
          float[] pooled = scratch.floats(POOLED, part.count * step);
          if (quick == null || !quick.pool(x, part, pooled, step, scratch)) {
            pool(x, part, pooled, step, scratch);
          }
          for (int i = 0; i < part.count; i++) {
            int plane = image * cout + first + i;
            y.write((plane * pooledH + from) * pooledW, pooled, i * step, count * pooledW);
          }
        });
    return y;
  }

  private void pool(Array x, Part part, float[] to, int toStep, Scratch scratch) {
    int pooledW = bands.outW / pool.kW();
    SimdPooling pooling = new SimdPooling(pool, bands.rowStep, Shape.of(1, pooledW));
    int width = SimdProduct.padded(bands.positions);
    float[] planes = scratch.floats(PLANES, part.count * width + SimdPooling.slack(pool));
    int[] weights = RowStarts.interleaved(part.count, part.first * k, k);
    for (int row = 0; row < part.rows; row++) {
      float[] in = bands.read(x, part.image, (part.from + row) * pool.kH(), scratch, INPUT);
      SimdProduct.multiplyInterleaved(
          weight, weights, in, bands.shifts, k, planes, 0, width, bands.positions, false);
      for (int i = 0, at = row * pooledW; i < part.count; i++, at += toStep) {
        pooling.pool(planes, i * width, 0, 1, false, to, at, null, scratch);
        SimdRows.shiftedRelu(to, at, pooledW, shift[part.first + i]);
      }
    }
  }
}
