package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;
import jdk.incubator.vector.FloatVector;

/**
 * A convolution block whose batch norm uses given statistics and is folded into the convolution:
 * {@code relu(maxPool(conv(x, w scale)) + shift)}. ReLU and adding a constant do not change which
 * value of a window is the largest, so they come after pooling.
 */
final class SimdFoldedBlock implements UnaryOperator<Array> {
  /** Channels are convolved in groups of as many rows as the product takes at once. */
  private static final int GROUP = SimdProduct.GROUP;

  /** Bands of few images are cut into groups of channels, until there are as many tasks. */
  private static final int TASKS = 16;

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

  SimdFoldedBlock(
      Shape x,
      Array weight,
      Array bias,
      Array gamma,
      Array beta,
      Fused.ConvBlock settings,
      Fused.Statistics given) {
    this.pool = settings.pool();
    this.bands = new PaddedImages(x.dim(1), x, settings.conv(), pool.kH());
    this.cout = weight.shape().dim(0);
    this.k = x.dim(1) * bands.taps;
    float[] folded = weight.toFloatArray();
    this.shift = new float[cout];
    double[] b = bias.toDoubleArray();
    double[] scale = gamma.toDoubleArray();
    double[] add = beta.toDoubleArray();
    double[] mean = given.mean().toDoubleArray();
    double[] variance = given.variance().toDoubleArray();
    for (int c = 0; c < cout; c++) {
      double factor = scale[c] / Math.sqrt(variance[c] + settings.eps());
      shift[c] = (float) (add[c] + (b[c] - mean[c]) * factor);
      for (int i = c * k; i < (c + 1) * k; i++) {
        folded[i] = (float) (folded[i] * factor);
      }
    }
    this.small = x.dim(1) == 1 && isSquare(settings.conv(), 3) && isSquare(pool, 2);
    this.weight =
        small ? folded : SimdProduct.interleaved(folded, SimdProduct.rows(cout, 0, k), 1, k);
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
    SimdPooling pooling = new SimdPooling(pool, bands.rowStep, Shape.of(1, pooledW));
    int width = SimdProduct.padded(bands.positions);
    int step = SimdProduct.padded(pooledW);
    int size = bands.channels * bands.h * bands.w;
    Threads.parallelFor(
        n * pooledH * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int image = task / parts / pooledH;
          int row = task / parts % pooledH;
          int part = task % parts;
          int first = part * groups / parts * GROUP;
          int count = Math.min(cout, (part + 1) * groups / parts * GROUP) - first;
          float[] in = bands.read(x, image * size, row * pool.kH(), scratch, INPUT);
          float[] pooled = scratch.floats(POOLED, count * step);
          if (small) {
            float[] columns = deal(in, pooledW, scratch);
            for (int i = 0; i < count; i++) {
              convolveAndPool(columns, first + i, pooledW, pooled, i * step);
            }
          } else {
            float[] planes = scratch.floats(PLANES, count * width + SimdPooling.slack(pool));
            int[] rows = SimdProduct.interleavedRows(count, first * k, k);
            SimdProduct.multiplyInterleaved(
                weight, rows, in, bands.shifts, k, planes, 0, width, bands.positions, false);
            for (int i = 0, at = 0; i < count; i++, at += step) {
              pooling.pool(planes, i * width, 0, 1, false, pooled, at, null, scratch);
              SimdRows.shiftedRelu(pooled, at, pooledW, shift[first + i]);
            }
          }
          for (int i = 0; i < count; i++) {
            int plane = image * cout + first + i;
            y.write((plane * pooledH + row) * pooledW, pooled, i * step, pooledW);
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
   * A channel of a {@link #small} block. The four outputs of a window are four sums, windows are
   * the lanes, and no output is written before it has been compared.
   */
  private void convolveAndPool(float[] in, int channel, int pooledW, float[] to, int at) {
    int step = dealtStep(pooledW);
    int w = 9 * channel;
    FloatVector w0 = FloatVector.broadcast(S, weight[w]);
    FloatVector w1 = FloatVector.broadcast(S, weight[w + 1]);
    FloatVector w2 = FloatVector.broadcast(S, weight[w + 2]);
    FloatVector w3 = FloatVector.broadcast(S, weight[w + 3]);
    FloatVector w4 = FloatVector.broadcast(S, weight[w + 4]);
    FloatVector w5 = FloatVector.broadcast(S, weight[w + 5]);
    FloatVector w6 = FloatVector.broadcast(S, weight[w + 6]);
    FloatVector w7 = FloatVector.broadcast(S, weight[w + 7]);
    FloatVector w8 = FloatVector.broadcast(S, weight[w + 8]);
    FloatVector add = FloatVector.broadcast(S, shift[channel]);
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
      FloatVector s00 = w0.mul(e0);
      FloatVector s01 = w0.mul(o0);
      FloatVector s10 = w0.mul(e1);
      FloatVector s11 = w0.mul(o1);
      s00 = w1.fma(o0, s00);
      s01 = w1.fma(f0, s01);
      s10 = w1.fma(o1, s10);
      s11 = w1.fma(f1, s11);
      s00 = w2.fma(f0, s00);
      s01 = w2.fma(p0, s01);
      s10 = w2.fma(f1, s10);
      s11 = w2.fma(p1, s11);
      s00 = w3.fma(e1, s00);
      s01 = w3.fma(o1, s01);
      s10 = w3.fma(e2, s10);
      s11 = w3.fma(o2, s11);
      s00 = w4.fma(o1, s00);
      s01 = w4.fma(f1, s01);
      s10 = w4.fma(o2, s10);
      s11 = w4.fma(f2, s11);
      s00 = w5.fma(f1, s00);
      s01 = w5.fma(p1, s01);
      s10 = w5.fma(f2, s10);
      s11 = w5.fma(p2, s11);
      s00 = w6.fma(e2, s00);
      s01 = w6.fma(o2, s01);
      s10 = w6.fma(e3, s10);
      s11 = w6.fma(o3, s11);
      s00 = w7.fma(o2, s00);
      s01 = w7.fma(f2, s01);
      s10 = w7.fma(o3, s10);
      s11 = w7.fma(f3, s11);
      s00 = w8.fma(f2, s00);
      s01 = w8.fma(p2, s01);
      s10 = w8.fma(f3, s10);
      s11 = w8.fma(p3, s11);
      s00.max(s10).max(s01.max(s11)).add(add).max(0).intoArray(to, at + j);
    }
  }
}
