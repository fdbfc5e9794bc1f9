package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
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
  private final boolean small; // 3x3 of a single channel, pooled by 2x2
  private final float[] weight; // interleaved, unless small
  private final float[] shift;
  private final @Nullable SimdWinograd winograd;

  /** Inputs up to this magnitude have sums that are finite, whatever the order. */
  private final float tame;

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
    boolean finite = Float.isFinite(SimdRows.largestMagnitude(shift, cout));
    this.tame = finite ? LARGE / k / largest : Float.NaN; // which nothing is less than, nor equal
    this.winograd =
        SimdWinograd.serves(x.dim(1), settings.conv(), pool)
            ? new SimdWinograd(bands, pool, folded, cout)
            : null;
    this.small = x.dim(1) == 1 && isSquare(settings.conv(), 3) && isSquare(pool, 2);
    this.weight =
        small ? folded : SimdProduct.interleaved(folded, RowStarts.apart(cout, 0, k), 1, k);
  }

  /** Of what {@link SimdConvBlock#serves}. Not by {@code equals}: a record's makes 24 classes. */
  private static boolean isSquare(Window window, int size) {
    return window.kH() == size
        && window.kW() == size
        && window.dilationH() == 1
        && window.dilationW() == 1;
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
    SimdPooling pooling = new SimdPooling(pool, bands.rowStep, Shape.of(1, pooledW));
    int width = SimdProduct.padded(bands.positions);
    int step = rows * pooledW + LANES;
    int size = bands.channels * bands.h * bands.w;
    Threads.parallelFor(
        n * chunks * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int image = task / parts / chunks;
          int from = task / parts % chunks * rows;
          int to = Math.min(pooledH, from + rows);
          int part = task % parts;
          int first = part * groups / parts * GROUP;
          int count = Math.min(cout, (part + 1) * groups / parts * GROUP) - first;
          int[] weights = RowStarts.interleaved(count, first * k, k);
          float[] pooled = scratch.floats(POOLED, count * step);
          for (int row = from; row < to; row++) {
            int start = (row - from) * pooledW;
            int outRow = row * pool.kH();
            if (winograd != null
                && winograd.convolveAndPool(
                    x,
                    image * size,
                    outRow,
                    tame,
                    first,
                    count,
                    shift,
                    pooledW,
                    pooled,
                    start,
                    step,
                    scratch)) {
              continue;
            }
            float[] in = bands.read(x, image * size, outRow, scratch, INPUT);
            boolean served = small && !SimdProduct.plainFirst(0);
            boolean quick = served && SimdRows.largestMagnitude(in, bands.plane) <= tame;
            if (quick) {
              float[] columns = deal(in, pooledW, scratch);
              convolveAndPool(columns, first, count, pooledW, pooled, start, step);
              continue;
            }
            float[] planes = scratch.floats(PLANES, count * width + SimdPooling.slack(pool));
            if (small) {
              int[] kept = RowStarts.apart(count, first * k, k);
              SimdProduct.multiply(
                  weight, kept, 1, in, bands.shifts, k, planes, 0, width, bands.positions, false);
            } else {
              SimdProduct.multiplyInterleaved(
                  weight, weights, in, bands.shifts, k, planes, 0, width, bands.positions, false);
            }
            for (int i = 0, at = start; i < count; i++, at += step) {
              pooling.pool(planes, i * width, 0, 1, false, pooled, at, null, scratch);
              SimdRows.shiftedRelu(pooled, at, pooledW, shift[first + i]);
            }
          }
          for (int i = 0; i < count; i++) {
            int plane = image * cout + first + i;
            y.write((plane * pooledH + from) * pooledW, pooled, i * step, (to - from) * pooledW);
          }
        });
    return y;
  }

  /** The distance of runs of even and odd columns: one more than windows is read. */
  private static int dealtStep(int pooledW) {
    return SimdProduct.padded(pooledW) + LANES;
  }

  /** The even columns of each of the four rows of a band, and after them its odd ones. */
  private float[] deal(float[] in, int pooledW, Scratch scratch) {
    int step = dealtStep(pooledW);
    float[] to = scratch.floats(PLANES, 8 * step);
    for (int row = 0; row < 4; row++) {
      int even = 2 * row * step;
      SimdRows.deal(in, row * bands.rowStep, pooledW + 1, to, even, even + step);
    }
    return to;
  }

  /**
   * Channels of a {@link #small} block. The four outputs of a window are four sums, windows are the
   * lanes, and no output is written before it has been compared. What a vector of windows sees
   * stays in 16 registers for all channels: half of its loads would cross a cache line.
   */
  private void convolveAndPool(
      float[] in, int first, int count, int pooledW, float[] to, int start, int toStep) {
    int step = dealtStep(pooledW);
    for (int j = 0; j < pooledW; j += LANES) {
      FloatVector e0 = FloatVector.fromArray(S, in, j);
      FloatVector f0 = FloatVector.fromArray(S, in, j + 1);
      FloatVector o0 = FloatVector.fromArray(S, in, step + j);
      FloatVector p0 = FloatVector.fromArray(S, in, step + j + 1);
      FloatVector e1 = FloatVector.fromArray(S, in, 2 * step + j);
      FloatVector f1 = FloatVector.fromArray(S, in, 2 * step + j + 1);
      FloatVector o1 = FloatVector.fromArray(S, in, 3 * step + j);
      FloatVector p1 = FloatVector.fromArray(S, in, 3 * step + j + 1);
      FloatVector e2 = FloatVector.fromArray(S, in, 4 * step + j);
      FloatVector f2 = FloatVector.fromArray(S, in, 4 * step + j + 1);
      FloatVector o2 = FloatVector.fromArray(S, in, 5 * step + j);
      FloatVector p2 = FloatVector.fromArray(S, in, 5 * step + j + 1);
      FloatVector e3 = FloatVector.fromArray(S, in, 6 * step + j);
      FloatVector f3 = FloatVector.fromArray(S, in, 6 * step + j + 1);
      FloatVector o3 = FloatVector.fromArray(S, in, 7 * step + j);
      FloatVector p3 = FloatVector.fromArray(S, in, 7 * step + j + 1);
      for (int c = 0, w = 9 * first, at = start + j; c < count; c++, w += 9, at += toStep) {
        FloatVector x = FloatVector.broadcast(S, weight[w]);
        FloatVector s00 = x.mul(e0);
        FloatVector s01 = x.mul(o0);
        FloatVector s10 = x.mul(e1);
        FloatVector s11 = x.mul(o1);
        x = FloatVector.broadcast(S, weight[w + 1]);
        s00 = x.fma(o0, s00);
        s01 = x.fma(f0, s01);
        s10 = x.fma(o1, s10);
        s11 = x.fma(f1, s11);
        x = FloatVector.broadcast(S, weight[w + 2]);
        s00 = x.fma(f0, s00);
        s01 = x.fma(p0, s01);
        s10 = x.fma(f1, s10);
        s11 = x.fma(p1, s11);
        x = FloatVector.broadcast(S, weight[w + 3]);
        s00 = x.fma(e1, s00);
        s01 = x.fma(o1, s01);
        s10 = x.fma(e2, s10);
        s11 = x.fma(o2, s11);
        x = FloatVector.broadcast(S, weight[w + 4]);
        s00 = x.fma(o1, s00);
        s01 = x.fma(f1, s01);
        s10 = x.fma(o2, s10);
        s11 = x.fma(f2, s11);
        x = FloatVector.broadcast(S, weight[w + 5]);
        s00 = x.fma(f1, s00);
        s01 = x.fma(p1, s01);
        s10 = x.fma(f2, s10);
        s11 = x.fma(p2, s11);
        x = FloatVector.broadcast(S, weight[w + 6]);
        s00 = x.fma(e2, s00);
        s01 = x.fma(o2, s01);
        s10 = x.fma(e3, s10);
        s11 = x.fma(o3, s11);
        x = FloatVector.broadcast(S, weight[w + 7]);
        s00 = x.fma(o2, s00);
        s01 = x.fma(f2, s01);
        s10 = x.fma(o3, s10);
        s11 = x.fma(f3, s11);
        x = FloatVector.broadcast(S, weight[w + 8]);
        s00 = x.fma(f2, s00);
        s01 = x.fma(p2, s01);
        s10 = x.fma(f3, s10);
        s11 = x.fma(p3, s11);
        FloatVector add = FloatVector.broadcast(S, shift[first + c]);
        IntVector i00 = s00.add(add).reinterpretAsInts();
        IntVector i01 = s01.add(add).reinterpretAsInts();
        IntVector i10 = s10.add(add).reinterpretAsInts();
        IntVector i11 = s11.add(add).reinterpretAsInts();
        i00.max(i10).max(i01.max(i11)).max(0).reinterpretAsFloats().intoArray(to, at);
      }
    }
  }
}
