package dev.cadenza.nn;

import dev.cadenza.op.FusedAttention;
import dev.cadenza.op.LinearTransform;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention (Vaswani et al. 2017): {@code softmax(q k^T / sqrt(D) + mask) v} for each of
 * A heads of size D = E / A, with dropout on the weights.
 *
 * <pre>
 *   query            [N, T, E]          key, value  [N, S, E]
 *   in_proj_weight   [3E, E]            xavier uniform; queries, keys, values
 *   in_proj_bias     [3E]               0
 *   out_proj.weight  [E, E]             uniform(-b, b), b = 1 / sqrt(E)
 *   out_proj.bias    [E]                0
 *   output           [N, T, E]
 * </pre>
 *
 * <p>{@link #forward} is self-attention; {@link #attend} takes anything else.
 */
public final class MultiHeadAttention extends Layer {
  private final int heads;
  private final Dropout dropout;
  private final Tensor inWeight;
  private final Tensor inBias;
  private final Linear out;

  /**
   * @throws IllegalArgumentException if the heads do not divide the embedding
   */
  public MultiHeadAttention(int embedding, int heads, double dropout, RandomGenerator rng) {
    if (heads < 1 || embedding % heads != 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "attention: heads=%d must divide embedding=%d", heads, embedding));
    }
    this.heads = heads;
    this.dropout = new Dropout(dropout);
    this.inWeight = param("in_proj_weight", Init.xavierUniform(rng), 3 * embedding, embedding);
    this.inBias = param("in_proj_bias", Init.constant(0), 3 * embedding);
    this.out = child("out_proj", new Linear(embedding, embedding, rng, Init.constant(0)));
  }

  /**
   * What attention looks at.
   *
   * @param query [N, T, E]
   * @param key [N, S, E]
   * @param value [N, S, E]
   * @param mask added to the scores [N, A, T, S] with broadcasting, see {@link AttentionMask}
   */
  public record Input(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
    /** Every step of x [N, T, E] looks at every other. */
    public static Input self(Tensor x) {
      return new Input(x, x, x, null);
    }

    public Input withMask(@Nullable Tensor additive) {
      return new Input(query, key, value, additive);
    }
  }

  /**
   * The result of {@link #attend}.
   *
   * @param output [N, T, E]
   * @param weights [N, A, T, S], after softmax and dropout
   */
  public record Output(Tensor output, Tensor weights) {}

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    long seed = dropout.seed(pass);
    Tensor qkv = Tensor.apply(new LinearTransform(), x, inWeight, inBias);
    Tensor context =
        fused(
            pass,
            new FusedAttention(heads, dropout.in(pass), seed),
            () -> composed(part(qkv, 0), part(qkv, 1), part(qkv, 2), null, pass, seed).context(),
            qkv);
    return out.forward(context, pass);
  }

  /** Attention with a mask, or of one sequence to another; also gives the weights. */
  public Output attend(Input in, Pass pass) {
    Attended a =
        composed(
            project(in.query(), 0),
            project(in.key(), 1),
            project(in.value(), 2),
            in.mask(),
            pass,
            dropout.seed(pass));
    return new Output(out.forward(a.context(), pass), a.weights());
  }

  private record Attended(Tensor context, Tensor weights) {}

  /** What the fused op is defined by; projected queries [N, T, E], keys and values [N, S, E]. */
  private Attended composed(
      Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, Pass pass, long seed) {
    double scale = 1 / Math.sqrt((double) query.dim(2) / heads);
    Tensor scores = split(query).mul(scale).matmul(split(key).transpose(-1, -2)); // [N, A, T, S]
    Tensor masked = mask == null ? scores : scores.add(mask);
    Tensor weights = masked.softmax(-1).dropout(dropout.in(pass), seed);
    Tensor context = weights.matmul(split(value)).permute(0, 2, 1, 3); // [N, T, A, D]
    return new Attended(context.flatten(2), weights);
  }

  /** Projects to queries (0), keys (1) or values (2). */
  private Tensor project(Tensor x, int which) {
    int e = inWeight.dim(1);
    Tensor weight = inWeight.slice(0, which * e, (which + 1) * e);
    Tensor bias = inBias.slice(0, which * e, (which + 1) * e);
    return Tensor.apply(new LinearTransform(), x, weight, bias);
  }

  /** The queries (0), keys (1) or values (2) of packed projections [N, T, 3E]. */
  private static Tensor part(Tensor qkv, int which) {
    int e = qkv.dim(2) / 3;
    return qkv.slice(2, which * e, (which + 1) * e);
  }

  /** [N, T, E] as [N, A, T, D]. */
  private Tensor split(Tensor x) {
    return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads).permute(0, 2, 1, 3);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "MultiHeadAttention(%d, %d heads)", inWeight.dim(1), heads);
  }
}
