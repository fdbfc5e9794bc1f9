package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.function.UnaryOperator;

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
  private final float[] weight; // interleaved
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
    this.weight = SimdProduct.interleaved(folded, SimdProduct.rows(cout, 0, k), 1, k);
  }

  @Override
  public Array apply(Array x) {
    int n = x.shape().dim(0);
    int pooledH = bands.outH / pool.kH();
    int pooledW = bands.outW / pool.kW();
    Array y = Array.uninitialized(DType.FLOAT32, Shape.of(n, cout, pooledH, pooledW));
    int groups = (cout + GROUP - 1) / GROUP;
    int parts = Math.max(1, Math.min(groups, TASKS / Math.max(1, n * pooledH)));
    SimdPooling pooling = new SimdPooling(pool, Shape.of(1, pooledW));
    int width = SimdProduct.padded(bands.positions);
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
          float[] planes = scratch.floats(PLANES, count * width + SimdPooling.slack(pool));
          int[] rows = SimdProduct.interleavedRows(count, first * k, k);
          SimdProduct.multiplyInterleaved(
              weight, rows, in, bands.shifts, k, planes, 0, width, bands.positions, false);
          float[] pooled = scratch.floats(POOLED, pooledW + LANES);
          for (int i = 0; i < count; i++) {
            int c = first + i;
            pooling.pool(planes, i * width, bands.rowStep, false, pooled, 0, null, scratch);
            SimdRows.shiftedRelu(pooled, 0, pooledW, shift[c]);
            y.write(((image * cout + c) * pooledH + row) * pooledW, pooled, 0, pooledW);
          }
        });
    return y;
  }
}
