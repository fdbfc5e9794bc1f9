package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import dev.cadenza.shape.Shape;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Self-attention of packed projections [N, T, 3E], a sequence and head at a time. Scores are
 * computed transposed, [keys, queries], with the queries as lanes: softmax then runs down the
 * columns without any sum across lanes. Queries come in chunks whose scores fit into the cache; the
 * gradient computes the weights again.
 */
final class SimdAttention {
  /** Fewer sequences than this are cut into their heads. */
  private static final int TASKS = 8;

  /** The scores of a chunk stay below this, if a tile of columns does: a first-level cache. */
  private static final int SCORES = 1 << 13;

  /** Multiplications of an exponential. */
  private static final int EXP_COST = 8;

  private static final int BLOCK = 0;
  private static final int QUERY = 1;
  private static final int WEIGHTS = 2;
  private static final int CONTEXT = 3;
  private static final int OUT = 4;
  private static final int DROPPED = 5;
  private static final int G = 6;
  private static final int G_BLOCK = 7;
  private static final int G_CHUNK = 8;
  private static final int G_WEIGHTS = 9;
  private static final int ROWS_A = 10;
  private static final int ROWS_B = 11;

  private final Array qkv;
  private final int n;
  private final int t;
  private final int e;
  private final int heads;
  private final int d;
  private final int dWidth;
  private final float scale;
  private final int chunk;
  private final int width; // of a chunk, in whole vectors
  private final int threshold;
  private final float keep;
  private final long seed;

  SimdAttention(Array qkv, int heads, double p, long seed) {
    Shape s = qkv.shape();
    this.qkv = qkv;
    this.n = s.dim(0);
    this.t = s.dim(1);
    this.e = s.dim(2) / 3;
    this.heads = heads;
    this.d = e / heads;
    this.dWidth = SimdProduct.padded(d);
    this.scale = (float) (1 / Math.sqrt(d));
    int fits = Math.max(1, SCORES / Math.max(1, t) / (3 * LANES)) * 3 * LANES;
    this.chunk = Math.min(t, fits);
    this.width = SimdProduct.padded(chunk);
    this.threshold = DropoutMask.threshold(p);
    this.keep = DropoutMask.scale(p);
    this.seed = seed;
  }

  Array forward() {
    Array y = Array.uninitialized(DType.FLOAT32, Shape.of(n, t, e));
    int parts = n < TASKS ? heads : 1;
    Threads.parallelFor(
        n * parts,
        task -> {
          Scratch scratch = Scratch.mine();
          int i = task / parts;
          float[] block = scratch.floats(BLOCK, t * 3 * e);
          qkv.read(i * t * 3 * e, block, 0, t * 3 * e);
          float[] out = scratch.floats(OUT, t * e);
          int first = task % parts * (heads / parts);
          for (int head = first; head < first + heads / parts; head++) {
            attend(i, head, block, out, scratch);
          }
          if (parts == 1) {
            y.write(i * t * e, out, 0, t * e);
            return;
          }
          for (int at = first * d; at < t * e; at += e) {
            y.write(i * t * e + at, out, at, d);
          }
        });
    return y;
  }

  /** Writes a head's columns of out [T, E]. */
  private void attend(int i, int head, float[] block, float[] out, Scratch scratch) {
    float[] context = scratch.floats(CONTEXT, d * width);
    int[] values = RowStarts.apart(d, 2 * e + head * d, 1);
    for (int from = 0; from < t; from += chunk) {
      int count = Math.min(chunk, t - from);
      float[] weights = weights(block, head, from, count, scratch);
      if (threshold > 0) {
        drop(weights, weights, keys(i, head, from, count, scratch));
      }
      int[] rows = RowStarts.apart(t, 0, width);
      SimdProduct.multiply(block, values, 3 * e, weights, rows, t, context, 0, width, count, false);
      scatter(context, out, from * e + head * d, e, count, 1);
    }
  }

  /** Softmax weights, transposed: [keys, width]. */
  private float[] weights(float[] block, int head, int from, int count, Scratch scratch) {
    float[] query = scratch.floats(QUERY, d * width);
    gather(block, from * 3 * e + head * d, 3 * e, count, scale, query);
    float[] w = scratch.floats(WEIGHTS, t * width);
    int[] keys = RowStarts.apart(t, e + head * d, 3 * e);
    int[] rows = RowStarts.apart(d, 0, width);
    SimdProduct.multiply(block, keys, 1, query, rows, d, w, 0, width, count, false);
    for (int q = 0; q < count; q += LANES) {
      softmax(w, q);
    }
    return w;
  }

  /**
   * Softmax down LANES columns, by plain loops with the same bits until the compiler has come by.
   * One method for both: a shorter one became part of methods so large that the compiler left
   * vectors of theirs on the heap.
   */
  private void softmax(float[] w, int q) {
    int end = t * width + q;
    if (SimdProduct.plainFirst((long) EXP_COST * t * LANES)) {
      float[] max = Arrays.copyOfRange(w, q, q + LANES);
      float[] scale = new float[LANES];
      for (int at = q; at < end; at += width) {
        for (int i = 0; i < LANES; i++) {
          max[i] = Math.max(max[i], w[at + i]);
        }
      }
      for (int at = q; at < end; at += width) {
        for (int i = 0; i < LANES; i++) {
          w[at + i] = SimdRows.expOfSmall(w[at + i] - max[i]);
          scale[i] += w[at + i];
        }
      }
      for (int i = 0; i < LANES; i++) {
        scale[i] = 1 / scale[i];
      }
      for (int at = q; at < end; at += width) {
        for (int i = 0; i < LANES; i++) {
          w[at + i] *= scale[i];
        }
      }
      return;
    }
    FloatVector even = FloatVector.fromArray(S, w, q); // two, that do not wait for each other
    FloatVector odd = even;
    int pairs = end - t % 2 * width;
    for (int at = q; at < pairs; at += 2 * width) {
      even = FloatVector.fromArray(S, w, at).max(even);
      odd = FloatVector.fromArray(S, w, at + width).max(odd);
    }
    FloatVector max = FloatVector.fromArray(S, w, end - width).max(even).max(odd);
    FloatVector sum = FloatVector.zero(S);
    for (int at = q; at < end; at += width) {
      FloatVector exp = SimdRows.expOfSmall(FloatVector.fromArray(S, w, at).sub(max));
      sum = exp.add(sum);
      exp.intoArray(w, at);
    }
    FloatVector inverse = FloatVector.broadcast(S, 1f).div(sum);
    for (int at = q; at < end; at += width) {
      FloatVector.fromArray(S, w, at).mul(inverse).intoArray(w, at);
    }
  }

  /** The dropout keys of the chunk's rows of [N, A, T, T]. */
  private int[] keys(int i, int head, int from, int count, Scratch scratch) {
    int[] keys = scratch.ints(width);
    for (int q = 0; q < count; q++) {
      keys[q] = DropoutMask.rowKey(seed, ((long) i * heads + head) * t + from + q);
    }
    Arrays.fill(keys, count, width, 0);
    return keys;
  }

  private void drop(float[] w, float[] into, int[] keys) {
    for (int key = 0; key < t; key++) {
      SimdRows.dropout(w, key * width, into, width, keys, key, threshold, keep);
    }
  }

  /** Copies [count, d], rows {@code step} apart, to the transposed [d, width]; the tail is 0. */
  private void gather(float[] from, int start, int step, int count, float factor, float[] to) {
    SimdRows.transpose(from, RowStarts.apart(count, start, step), d, to, 0, width);
    if (factor != 1) {
      SimdRows.affine(to, 0, d * width, factor, 0);
    }
  }

  /** Copies the transposed [d, width] to [count, d], rows {@code step} apart. */
  private void scatter(float[] from, float[] to, int start, int step, int count, float factor) {
    for (int q = 0; q < count; q++) {
      for (int i = 0; i < d; i++) {
        to[start + q * step + i] = from[i * width + q] * factor;
      }
    }
  }

  Array gradient(Array g) {
    Array gQkv = Array.uninitialized(DType.FLOAT32, qkv.shape());
    Threads.parallelFor(
        n,
        i -> {
          Scratch scratch = Scratch.mine();
          float[] block = scratch.floats(BLOCK, t * 3 * e);
          qkv.read(i * t * 3 * e, block, 0, t * 3 * e);
          float[] gs = scratch.floats(G, t * e);
          g.read(i * t * e, gs, 0, t * e);
          float[] gBlock = scratch.floats(G_BLOCK, t * 3 * e);
          for (int head = 0; head < heads; head++) {
            head(i, head, block, gs, gBlock, scratch);
          }
          gQkv.write(i * t * 3 * e, gBlock, 0, t * 3 * e);
        });
    return gQkv;
  }

  private void head(int i, int head, float[] block, float[] gs, float[] gBlock, Scratch scratch) {
    float[] gKeys = scratch.zeros(ROWS_A, t * dWidth);
    float[] gValues = scratch.zeros(ROWS_B, t * dWidth);
    int[] keys = RowStarts.apart(d, e + head * d, 1);
    int[] values = RowStarts.apart(t, 2 * e + head * d, 3 * e);
    int[] scores = RowStarts.apart(t, 0, width);
    for (int from = 0; from < t; from += chunk) {
      int count = Math.min(chunk, t - from);
      int[] lanes = RowStarts.apart(d, 0, width);
      int[] rows = RowStarts.apart(count, 0, dWidth);
      float[] w = weights(block, head, from, count, scratch);
      int[] dropout = keys(i, head, from, count, scratch);
      float[] dropped = w;
      if (threshold > 0) {
        dropped = scratch.floats(DROPPED, t * width);
        drop(w, dropped, dropout);
      }
      // values [keys, d] += dropped [keys, queries] g [queries, d]
      float[] chunkRows = scratch.floats(OUT, chunk * dWidth);
      copyRows(gs, from * e + head * d, e, count, 1, chunkRows);
      SimdProduct.multiply(dropped, scores, 1, chunkRows, rows, count, gValues, 0, dWidth, d, true);
      // weights^T [keys, queries] = values [keys, d] g^T [d, queries]
      float[] gChunk = scratch.floats(G_CHUNK, d * width);
      gather(gs, from * e + head * d, e, count, 1, gChunk);
      float[] gw = scratch.floats(G_WEIGHTS, t * width);
      SimdProduct.multiply(block, values, 1, gChunk, lanes, d, gw, 0, width, count, false);
      if (threshold > 0) {
        drop(gw, gw, dropout);
      }
      for (int q = 0; q < count; q += LANES) {
        softmaxGradient(w, gw, q);
      }
      // queries^T [d, queries] = keys^T [d, keys] gw [keys, queries]
      float[] context = scratch.floats(CONTEXT, d * width);
      SimdProduct.multiply(block, keys, 3 * e, gw, scores, t, context, 0, width, count, false);
      scatter(context, gBlock, from * 3 * e + head * d, 3 * e, count, scale);
      // keys [keys, d] += gw [keys, queries] queries [queries, d]
      copyRows(block, from * 3 * e + head * d, 3 * e, count, scale, chunkRows);
      SimdProduct.multiply(gw, scores, 1, chunkRows, rows, count, gKeys, 0, dWidth, d, true);
    }
    for (int key = 0; key < t; key++) {
      int to = key * 3 * e + head * d;
      System.arraycopy(gKeys, key * dWidth, gBlock, to + e, d);
      System.arraycopy(gValues, key * dWidth, gBlock, to + 2 * e, d);
    }
  }

  private void copyRows(float[] from, int start, int step, int count, float factor, float[] to) {
    for (int q = 0; q < count; q++) {
      for (int i = 0; i < d; i++) {
        to[q * dWidth + i] = from[start + q * step + i] * factor;
      }
    }
  }

  /** {@code gw = w (gw - sum(w gw))} down LANES columns. */
  private void softmaxGradient(float[] w, float[] gw, int q) {
    int end = t * width + q;
    FloatVector sum = FloatVector.zero(S);
    for (int at = q; at < end; at += width) {
      sum = FloatVector.fromArray(S, w, at).fma(FloatVector.fromArray(S, gw, at), sum);
    }
    for (int at = q; at < end; at += width) {
      FloatVector.fromArray(S, gw, at)
          .sub(sum)
          .mul(FloatVector.fromArray(S, w, at))
          .intoArray(gw, at);
    }
  }
}
