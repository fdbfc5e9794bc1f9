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
  /** The number of channels convolved before their planes leave the cache. */
  private static final int GROUP = 8;

  /** Few images are cut into parts of their channels, until there are as many tasks. */
  private static final int TASKS = 8;

  private static final int INPUT = 0;
  private static final int PLANES = 1;
  private static final int POOLED = 2;

  private final Window pool;
  private final PaddedImages images;
  private final int cout;
  private final int k;
  private final float[] weight;
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
    this.images = new PaddedImages(x.dim(1), x, settings.conv());
    this.cout = weight.shape().dim(0);
    this.k = x.dim(1) * images.taps;
    this.weight = weight.toFloatArray();
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
        this.weight[i] = (float) (this.weight[i] * factor);
      }
    }
  }

  @Override
  public Array apply(Array x) {
    int n = x.shape().dim(0);
    int pooledH = images.outH / pool.kH();
    int pooledW = images.outW / pool.kW();
    int area = pooledH * pooledW;
    Array y = Array.uninitialized(DType.FLOAT32, Shape.of(n, cout, pooledH, pooledW));
    int groups = (cout + GROUP - 1) / GROUP;
    int parts = Math.max(1, Math.min(groups, TASKS / Math.max(1, n)));
    SimdPooling pooling = new SimdPooling(pool, y.shape());
    int width = SimdProduct.padded(images.positions);
    int size = images.channels * images.h * images.w;
    Threads.parallelFor(
        n * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int image = task / parts;
          int part = task % parts;
          float[] in = images.read(x, image * size, scratch, INPUT);
          float[] planes = scratch.floats(PLANES, GROUP * width + LANES);
          float[] pooled = scratch.floats(POOLED, GROUP * area + LANES);
          int last = Math.min(cout, (part + 1) * groups / parts * GROUP);
          for (int c = part * groups / parts * GROUP; c < last; c += GROUP) {
            int count = Math.min(GROUP, last - c);
            int[] rows = SimdProduct.rows(count, c * k, k);
            SimdProduct.multiply(
                weight, rows, 1, in, images.shifts, k, planes, 0, width, images.positions, false);
            for (int i = 0; i < count; i++) {
              pooling.pool(
                  planes, i * width, images.rowStep, false, pooled, i * area, null, scratch);
              SimdRows.shiftedRelu(pooled, i * area, area, shift[c + i]);
            }
            y.write((image * cout + c) * area, pooled, 0, count * area);
          }
        });
    return y;
  }
}
