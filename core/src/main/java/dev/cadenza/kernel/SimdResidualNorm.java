package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
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

  private final Array x;
  private final @Nullable Array branch;
  private final int rows;
  private final int e;
  private final int width;
  private final int threshold;
  private final float keep;
  private final long seed;

  SimdResidualNorm(Array x, @Nullable Array branch, double p, long seed) {
    this.x = x;
    this.branch = branch;
    this.rows = x.shape().dim(0);
    this.e = x.shape().dim(1);
    this.width = SimdProduct.padded(e);
    this.threshold = DropoutMask.threshold(p);
    this.keep = DropoutMask.scale(p);
    this.seed = seed;
  }

  Normalization.Result forward(Array gamma, Array beta, double eps) {
    Array y = Array.uninitialized(DType.FLOAT32, x.shape());
    float[] scale = Arrays.copyOf(gamma.toFloatArray(), width);
    float[] shift = Arrays.copyOf(beta.toFloatArray(), width);
    float[] means = new float[rows];
    float[] variances = new float[rows];
    Threads.parallelFor(
        tiles(),
        tile -> {
          Scratch scratch = Scratch.mine();
          int from = tile * ROWS;
          int count = Math.min(ROWS, rows - from);
          float[] in = read(x, from, count, scratch, X);
          float[] add = branch == null ? in : read(branch, from, count, scratch, BRANCH);
          float[] out = scratch.floats(OUT, count * e + LANES);
          float[] z = scratch.floats(LINE, width);
          for (int r = 0; r < count; r++) {
            double mean = residual(in, add, r, from + r, z);
            Arrays.fill(z, e, width, (float) mean);
            double variance = SimdRows.sumOfSquares(z, 0, e, (float) mean) / e;
            means[from + r] = (float) mean;
            variances[from + r] = (float) variance;
            FloatVector centre = FloatVector.broadcast(S, (float) mean);
            FloatVector inverse =
                FloatVector.broadcast(S, (float) (1 / Math.sqrt((float) variance + eps)));
            for (int i = 0; i < e; i += LANES) {
              FloatVector xhat = FloatVector.fromArray(S, z, i).sub(centre).mul(inverse);
              xhat.fma(FloatVector.fromArray(S, scale, i), FloatVector.fromArray(S, shift, i))
                  .intoArray(out, r * e + i); // the next row covers what is too much
            }
          }
          y.write(from * e, out, 0, count * e);
        });
    Shape perRow = Shape.of(rows);
    return new Normalization.Result(y, Array.of(means, perRow), Array.of(variances, perRow));
  }

  Fused.ResidualNormGradients gradient(
      Array gamma, Normalization.Result result, double eps, Array g) {
    Array gx = Array.uninitialized(DType.FLOAT32, x.shape());
    Array gBranch =
        branch == null || threshold == 0 ? gx : Array.uninitialized(DType.FLOAT32, x.shape());
    float[] scale = Arrays.copyOf(gamma.toFloatArray(), width);
    float[] means = result.mean().toFloatArray();
    float[] variances = result.variance().toFloatArray();
    int parts = Math.min(MAX_PARTS, tiles());
    float[][] gammas = new float[parts][width];
    float[][] betas = new float[parts][width];
    Threads.parallelFor(
        parts,
        part -> {
          for (int tile = part * tiles() / parts; tile < (part + 1) * tiles() / parts; tile++) {
            Scratch scratch = Scratch.mine();
            int from = tile * ROWS;
            int count = Math.min(ROWS, rows - from);
            float[] in = read(x, from, count, scratch, X);
            float[] add = branch == null ? in : read(branch, from, count, scratch, BRANCH);
            float[] gs = read(g, from, count, scratch, OUT);
            float[] z = scratch.floats(LINE, width);
            for (int r = 0; r < count; r++) {
              residual(in, add, r, from + r, z);
              float inverse = (float) (1 / Math.sqrt(variances[from + r] + eps));
              float[] gz = scratch.zeros(G_LINE, width); // what follows the row may be NaN
              System.arraycopy(gs, r * e, gz, 0, e);
              row(z, gz, means[from + r], inverse, scale, gammas[part], betas[part]);
              System.arraycopy(z, 0, in, r * e, e);
            }
            gx.write(from * e, in, 0, count * e);
            if (gBranch != gx) {
              for (int r = 0; r < count; r++) {
                System.arraycopy(in, r * e, z, 0, e);
                drop(z, from + r);
                System.arraycopy(z, 0, add, r * e, e);
              }
              gBranch.write(from * e, add, 0, count * e);
            }
          }
        });
    Shape features = Shape.of(e);
    return new Fused.ResidualNormGradients(
        gx, gBranch, Array.of(total(gammas), features), Array.of(total(betas), features));
  }

  /** Replaces z by its gradient, given that of the value; adds to those of gamma and beta. */
  private void row(
      float[] z,
      float[] g,
      float mean,
      float inverse,
      float[] scale,
      float[] gGamma,
      float[] gBeta) {
    FloatVector sum = FloatVector.zero(S);
    FloatVector product = FloatVector.zero(S);
    Arrays.fill(z, e, width, mean); // xhat is 0 there, and scale is
    for (int i = 0; i < e; i += LANES) {
      FloatVector xhat = FloatVector.fromArray(S, z, i).sub(mean).mul(inverse);
      FloatVector gi = FloatVector.fromArray(S, g, i);
      gi.fma(xhat, FloatVector.fromArray(S, gGamma, i)).intoArray(gGamma, i);
      gi.add(FloatVector.fromArray(S, gBeta, i)).intoArray(gBeta, i);
      FloatVector h = gi.mul(FloatVector.fromArray(S, scale, i));
      sum = h.add(sum);
      product = h.fma(xhat, product);
      xhat.intoArray(z, i);
    }
    FloatVector meanH = FloatVector.broadcast(S, SimdRows.total(sum) / e);
    FloatVector meanHx = FloatVector.broadcast(S, SimdRows.total(product) / e);
    for (int i = 0; i < e; i += LANES) {
      FloatVector h = FloatVector.fromArray(S, g, i).mul(FloatVector.fromArray(S, scale, i));
      FloatVector xhat = FloatVector.fromArray(S, z, i);
      h.sub(meanH).sub(xhat.mul(meanHx)).mul(inverse).intoArray(z, i);
    }
  }

  /** Writes {@code x + dropout(branch)} of a row to z and returns its mean; the tail of z is 0. */
  private double residual(float[] in, float[] add, int r, int row, float[] z) {
    System.arraycopy(add, r * e, z, 0, e);
    Arrays.fill(z, e, width, 0);
    if (branch != null) {
      drop(z, row);
      for (int i = 0; i < e; i++) {
        z[i] += in[r * e + i];
      }
    }
    return SimdRows.sum(z, 0, e) / e;
  }

  private void drop(float[] z, int row) {
    if (threshold > 0) {
      SimdRows.dropout(z, 0, e, DropoutMask.rowKey(seed, row), threshold, keep);
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

  private float[] total(float[][] parts) {
    float[] sum = new float[width];
    for (float[] part : parts) {
      SimdRows.add(sum, 0, part, 0, e);
    }
    return Arrays.copyOf(sum, e);
  }
}
