package dev.cadenza.nn;

import dev.cadenza.op.FusedFeedForward;
import dev.cadenza.op.FusedResidualNorm;
import dev.cadenza.tensor.Tensor;
import java.util.Locale;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One layer of a transformer encoder (Vaswani et al. 2017): self-attention and a feed-forward part,
 * each on a residual branch with dropout and layer norm. PyTorch's conventions and keys: dropout
 * acts on attention weights, inside the feed-forward part and on both branches.
 *
 * <pre>
 *   input, output   [N, T, E]
 *   self_attn.*     see MultiHeadAttention
 *   linear1, 2      [ff, E] and [E, ff] with biases
 *   norm1, 2        [E]
 * </pre>
 */
public final class TransformerEncoderLayer extends Layer {
  /** The function between the two linear maps of the feed-forward part. */
  public enum Activation {
    RELU,
    GELU
  }

  /**
   * The settings of an encoder layer.
   *
   * @param embedding E
   * @param heads how many heads share the embedding; must divide it
   * @param feedForward the width of the hidden layer
   * @param dropout the probability of all dropouts; PyTorch's default is 0.1
   * @param activation ReLU unless told otherwise
   * @param normFirst whether the norms come before attention and feed-forward instead of after the
   *     addition
   */
  public record Settings(
      int embedding,
      int heads,
      int feedForward,
      double dropout,
      Activation activation,
      boolean normFirst) {
    public static Settings of(int embedding, int heads, int feedForward) {
      return new Settings(embedding, heads, feedForward, 0.1, Activation.RELU, false);
    }

    public Settings dropout(double p) {
      return new Settings(embedding, heads, feedForward, p, activation, normFirst);
    }

    public Settings activation(Activation f) {
      return new Settings(embedding, heads, feedForward, dropout, f, normFirst);
    }

    public Settings normFirst(boolean first) {
      return new Settings(embedding, heads, feedForward, dropout, activation, first);
    }
  }

  private final Settings settings;
  private final MultiHeadAttention attention;
  private final Linear linear1;
  private final Linear linear2;
  private final LayerNorm norm1;
  private final LayerNorm norm2;
  private final Dropout dropout;

  public TransformerEncoderLayer(Settings s, RandomGenerator rng) {
    this.settings = s;
    this.attention =
        child("self_attn", new MultiHeadAttention(s.embedding(), s.heads(), s.dropout(), rng));
    this.linear1 = child("linear1", new Linear(s.embedding(), s.feedForward(), rng));
    this.linear2 = child("linear2", new Linear(s.feedForward(), s.embedding(), rng));
    this.norm1 = child("norm1", new LayerNorm(s.embedding()));
    this.norm2 = child("norm2", new LayerNorm(s.embedding()));
    this.dropout = new Dropout(s.dropout());
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return encode(x, null, pass);
  }

  /** The output for an input and a mask that is added to the attention scores. */
  public Tensor forward(Tensor x, @Nullable Tensor mask, Pass pass) {
    return within(pass, () -> encode(x, mask, pass));
  }

  private Tensor encode(Tensor x, @Nullable Tensor mask, Pass pass) {
    if (settings.normFirst()) {
      Tensor y = x.add(dropout.forward(attend(norm1.forward(x, pass), mask, pass), pass));
      return y.add(dropout.forward(feedForward(norm2.forward(y, pass), pass), pass));
    }
    Tensor y = addAndNorm(x, attend(x, mask, pass), norm1, pass);
    return addAndNorm(y, feedForward(y, pass), norm2, pass);
  }

  private Tensor attend(Tensor x, @Nullable Tensor mask, Pass pass) {
    return mask == null
        ? attention.forward(x, pass)
        : attention.attend(MultiHeadAttention.Input.self(x).withMask(mask), pass).output();
  }

  private Tensor addAndNorm(Tensor x, Tensor branch, LayerNorm norm, Pass pass) {
    double p = dropout.in(pass);
    long seed = dropout.seed(pass);
    return fused(
        pass,
        new FusedResidualNorm(norm.eps(), p, seed),
        () -> norm.forward(x.add(branch.dropout(p, seed)), pass),
        x,
        branch,
        norm.weight(),
        norm.bias());
  }

  private Tensor feedForward(Tensor x, Pass pass) {
    double p = dropout.in(pass);
    long seed = dropout.seed(pass);
    if (settings.activation() == Activation.GELU) {
      return linear2.forward(linear1.forward(x, pass).gelu().dropout(p, seed), pass);
    }
    return fused(
        pass,
        new FusedFeedForward(p, seed),
        () -> linear2.forward(linear1.forward(x, pass).relu().dropout(p, seed), pass),
        x,
        linear1.weight(),
        linear1.bias(),
        linear2.weight(),
        linear2.bias());
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "TransformerEncoderLayer(%d, %d heads, ff %d, dropout %s)",
        settings.embedding(),
        settings.heads(),
        settings.feedForward(),
        settings.dropout());
  }
}
