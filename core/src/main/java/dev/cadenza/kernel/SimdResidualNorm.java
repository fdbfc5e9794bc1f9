package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.jspecify.annotations.Nullable;

/** Layer norm of {@code x + dropout(branch)}, a tile of rows at a time; without a branch, of x. */
final class SimdResidualNorm {
  private static final int ROWS = 64;
  private static final int MAX_PARTS = 32;

  private static final int X = 0;
  private static final int BRANCH = 1;
  private static final int OUT = 2;
  private static final int LINE = 3;
  private static final int G_LINE = 4;
  private static final int INVERSE = 5;
  private static final int SUMS = 6;
  private static final int SCALE = 7;
  private static final int SHIFT = 8;
  private static final int MEANS = 9;
  private static final int VARIANCES = 10;

  private final Array x;
  private final @Nullable Array branch;
  private final int rows;
  private final int e;
  private final int width;
  private final VectorMask<Float> tail; // of the last vector of a row, if it is not whole
  private final int threshold;
  private final float keep;
  private final long seed;

  SimdResidualNorm(Array x, @Nullable Array branch, double p, long seed) {
    this.x = x;
    this.branch = branch;
    this.rows = x.shape().dim(0);
    this.e = x.shape().dim(1);
    this.width = SimdProduct.padded(e);
    this.tail = S.indexInRange(0, e % LANES).not();
    this.threshold = DropoutMask.threshold(p);
    this.keep = DropoutMask.scale(p);
    this.seed = seed;
  }

  Normalization.Result forward(Array gamma, Array beta, double eps) {
    Array y = Array.uninitialized(DType.FLOAT32, x.shape());
    Scratch own = Scratch.mine();
    float[] scale = own.floats(SCALE, gamma, width);
    float[] shift = own.floats(SHIFT, beta, width);
    float[] means = own.floats(MEANS, rows);
    float[] variances = own.floats(VARIANCES, rows);
    Threads.parallelFor(
        tiles(),
        tile -> {
          Scratch scratch = Scratch.mine();
          int from = tile * ROWS;
          int count = Math.min(ROWS, rows - from);
          float[] in = read(x, from, count, scratch, X);
          float[] add = branch == null ? in : read(branch, from, count, scratch, BRANCH);
          float[] out = scratch.floats(OUT, count * e + LANES);
          float[] z = residual(in, add, from, count, scratch);
          float[] inverse = scratch.floats(INVERSE, ROWS);
          // One thing at a time for all rows: those that wait for a sum do not wait for each other.
          float[] sums = scratch.floats(SUMS, (ROWS * parts(e) + 1) * LANES);
          sums(z, count, sums);
          for (int r = 0; r < count; r++) {
            float mean = (float) (sum(sums, r) / e);
            means[from + r] = mean;
            if (width > e) {
              int last = (r + 1) * width - LANES;
              FloatVector.fromArray(S, z, last).blend(mean, tail).intoArray(z, last);
            }
          }
          sumsOfSquares(z, count, means, from, sums);
          for (int r = 0; r < count; r++) {
            variances[from + r] = (float) (sum(sums, r) / e);
          }
          for (int r = 0; r < count; r++) {
            inverse[r] = (float) (1 / Math.sqrt(variances[from + r] + eps));
          }
          for (int r = 0; r < count; r++) {
            FloatVector centre = FloatVector.broadcast(S, means[from + r]);
            FloatVector factor = FloatVector.broadcast(S, inverse[r]);
            for (int i = 0; i < e; i += LANES) {
              FloatVector xhat = FloatVector.fromArray(S, z, r * width + i).sub(centre).mul(factor);
              xhat.fma(FloatVector.fromArray(S, scale, i), FloatVector.fromArray(S, shift, i))
                  .intoArray(out, r * e + i); // the next row covers what is too much
            }
          }
          y.write(from * e, out, 0, count * e);
        });
    Shape perRow = Shape.of(rows);
    return new Normalization.Result(y, Array.of(means, 0, perRow), Array.of(variances, 0, perRow));
  }

  private static int parts(int e) {
    return (e + SimdRows.CHUNK - 1) / SimdRows.CHUNK;
  }

  /** The sums of all parts of all rows, each at the first of LANES places. */
  private void sums(float[] z, int count, float[] sums) {
    int at = 0;
    for (int r = 0; r < count; r++) {
      for (int start = 0; start < e; start += SimdRows.CHUNK, at += LANES) {
        FloatVector sum = FloatVector.zero(S);
        int end = r * width + Math.min(e, start + SimdRows.CHUNK);
        for (int i = r * width + start; i < end; i += LANES) {
          sum = FloatVector.fromArray(S, z, i).add(sum);
        }
        sum.intoArray(sums, at);
      }
    }
    SimdRows.totals(sums, count * parts(e));
  }

  /** The same of squared distances from the mean of the row, which its tail holds. */
  private void sumsOfSquares(float[] z, int count, float[] means, int from, float[] sums) {
    int at = 0;
    for (int r = 0; r < count; r++) {
      FloatVector mean = FloatVector.broadcast(S, means[from + r]);
      for (int start = 0; start < e; start += SimdRows.CHUNK, at += LANES) {
        FloatVector sum = FloatVector.zero(S);
        int end = r * width + Math.min(e, start + SimdRows.CHUNK);
        for (int i = r * width + start; i < end; i += LANES) {
          FloatVector d = FloatVector.fromArray(S, z, i).sub(mean);
          sum = d.fma(d, sum);
        }
        sum.intoArray(sums, at);
      }
    }
    SimdRows.totals(sums, count * parts(e));
  }

  /** Of a row, the sums of its parts in double. */
  private double sum(float[] sums, int row) {
    double sum = 0;
    for (int part = 0; part < parts(e); part++) {
      sum += sums[(row * parts(e) + part) * LANES];
    }
    return sum;
  }

  Fused.ResidualNormGradients gradient(
      Array gamma, Normalization.Result result, double eps, Array g) {
    Array gx = Array.uninitialized(DType.FLOAT32, x.shape());
    Array gBranch =
        branch == null || threshold == 0 ? gx : Array.uninitialized(DType.FLOAT32, x.shape());
    Scratch own = Scratch.mine();
    float[] scale = own.floats(SCALE, gamma, width);
    float[] means = own.floats(MEANS, result.mean());
    float[] variances = own.floats(VARIANCES, result.variance());
    int parts = Math.min(MAX_PARTS, tiles());
    float[][] gammasAndBetas = own.parts(parts, 2 * width);
    Threads.parallelFor(
        parts,
        part -> {
          float[] mine = gammasAndBetas[part];
          Arrays.fill(mine, 0, 2 * width, 0);
          for (int tile = part * tiles() / parts; tile < (part + 1) * tiles() / parts; tile++) {
            Scratch scratch = Scratch.mine();
            int from = tile * ROWS;
            int count = Math.min(ROWS, rows - from);
            float[] in = read(x, from, count, scratch, X);
            float[] add = branch == null ? in : read(branch, from, count, scratch, BRANCH);
            float[] gs = read(g, from, count, scratch, OUT);
            float[] z = residual(in, add, from, count, scratch);
            float[] gz = padded(gs, count, scratch, G_LINE);
            float[] inverse = scratch.floats(INVERSE, ROWS);
            for (int r = 0; r < count; r++) {
              inverse[r] = (float) (1 / Math.sqrt(variances[from + r] + eps));
            }
            float[] sums = scratch.floats(SUMS, (2 * ROWS + 1) * LANES);
            for (int r = 0; r < count; r++) {
              sums(z, gz, r, means[from + r], inverse[r], scale, mine, sums);
            }
            SimdRows.totals(sums, 2 * count);
            for (int r = 0; r < count; r++) {
              FloatVector meanH = FloatVector.broadcast(S, sums[2 * r * LANES] / e);
              FloatVector meanHx = FloatVector.broadcast(S, sums[(2 * r + 1) * LANES] / e);
              for (int i = 0; i < e; i += LANES) {
                int at = r * width + i;
                FloatVector h = FloatVector.fromArray(S, gz, at);
                FloatVector xhat = FloatVector.fromArray(S, z, at);
                h.sub(meanH).sub(xhat.mul(meanHx)).mul(inverse[r]).intoArray(in, r * e + i);
              }
            }
            gx.write(from * e, in, 0, count * e);
            if (gBranch != gx) {
              float[] line = scratch.floats(SUMS, width);
              for (int r = 0; r < count; r++) {
                System.arraycopy(in, r * e, line, 0, e);
                drop(line, 0, from + r);
                System.arraycopy(line, 0, add, r * e, e);
              }
              gBranch.write(from * e, add, 0, count * e);
            }
          }
        });
    float[] total = own.zeros(SUMS, 2 * width);
    for (int part = 0; part < parts; part++) {
      SimdRows.add(total, 0, gammasAndBetas[part], 0, 2 * width);
    }
    Shape features = Shape.of(e);
    return new Fused.ResidualNormGradients(
        gx, gBranch, Array.of(total, 0, features), Array.of(total, width, features));
  }

  /**
   * Replaces a row of z by xhat and a row of g by its product h with gamma; adds to the gradients
   * of gamma and, behind them, of beta. The sums of h and of h xhat go, lane by lane, to sums.
   */
  private void sums(
      float[] z,
      float[] g,
      int r,
      float mean,
      float inverse,
      float[] scale,
      float[] gradients,
      float[] sums) {
    FloatVector sum = FloatVector.zero(S);
    FloatVector product = FloatVector.zero(S);
    for (int i = 0; i < e; i += LANES) {
      int at = r * width + i;
      FloatVector xhat = FloatVector.fromArray(S, z, at).sub(mean).mul(inverse);
      FloatVector gi = FloatVector.fromArray(S, g, at);
      gi.fma(xhat, FloatVector.fromArray(S, gradients, i)).intoArray(gradients, i);
      gi.add(FloatVector.fromArray(S, gradients, width + i)).intoArray(gradients, width + i);
      FloatVector h = gi.mul(FloatVector.fromArray(S, scale, i));
      sum = h.add(sum);
      product = h.fma(xhat, product);
      xhat.intoArray(z, at);
      h.intoArray(g, at);
    }
    sum.intoArray(sums, 2 * r * LANES);
    product.intoArray(sums, (2 * r + 1) * LANES);
  }

  /** {@code x + dropout(branch)}, rows padded to whole vectors with 0. */
  private float[] residual(float[] in, float[] add, int from, int count, Scratch scratch) {
    float[] z = padded(add, count, scratch, LINE);
    for (int r = 0; branch != null && r < count; r++) {
      drop(z, r * width, from + r);
      for (int i = 0; i < e; i += LANES) {
        FloatVector v = FloatVector.fromArray(S, in, r * e + i);
        FloatVector own = i + LANES > e ? v.blend(0f, tail) : v;
        own.add(FloatVector.fromArray(S, z, r * width + i)).intoArray(z, r * width + i);
      }
    }
    return z;
  }

  /** Rows padded to whole vectors with 0: what follows a row may be NaN. */
  private float[] padded(float[] from, int count, Scratch scratch, int slot) {
    if (width == e) {
      return from;
    }
    float[] to = scratch.floats(slot, ROWS * width);
    for (int r = 0; r < count; r++) {
      for (int i = 0; i < e; i += LANES) {
        FloatVector v = FloatVector.fromArray(S, from, r * e + i);
        (i + LANES > e ? v.blend(0f, tail) : v).intoArray(to, r * width + i);
      }
    }
    return to;
  }

  private void drop(float[] z, int at, int row) {
    if (threshold > 0) {
      SimdRows.dropout(z, at, e, DropoutMask.rowKey(seed, row), threshold, keep);
    }
  }

  private int tiles() {
    return (rows + ROWS - 1) / ROWS;
  }

  private float[] read(Array a, int from, int count, Scratch scratch, int slot) {
    float[] v = scratch.floats(slot, ROWS * e + LANES);
    a.read(from * e, v, 0, count * e);
    return v;
  }
}
