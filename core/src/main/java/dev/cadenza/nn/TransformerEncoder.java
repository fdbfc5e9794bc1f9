package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Encoder layers one after the other: [N, T, E] to [N, T, E], with keys {@code layers.0.}, {@code
 * layers.1.} and so on. Every layer draws its own weights (in PyTorch all start as copies of one).
 */
public final class TransformerEncoder extends Layer {
  private final List<TransformerEncoderLayer> layers;
  private final @Nullable LayerNorm norm;

  public TransformerEncoder(
      TransformerEncoderLayer.Settings settings, int layers, RandomGenerator rng) {
    this(settings, layers, false, rng);
  }

  /**
   * @param finalNorm whether a layer norm with the key {@code norm.} follows the last layer
   */
  public TransformerEncoder(
      TransformerEncoderLayer.Settings settings,
      int layers,
      boolean finalNorm,
      RandomGenerator rng) {
    this.layers =
        IntStream.range(0, layers)
            .mapToObj(i -> child("layers." + i, new TransformerEncoderLayer(settings, rng)))
            .toList();
    this.norm = finalNorm ? child("norm", new LayerNorm(settings.embedding())) : null;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    return encode(x, null, pass);
  }

  /** The output for an input and a mask that every layer adds to its attention scores. */
  public Tensor forward(Tensor x, @Nullable Tensor mask, Pass pass) {
    return within(pass, () -> encode(x, mask, pass));
  }

  private Tensor encode(Tensor x, @Nullable Tensor mask, Pass pass) {
    Tensor y = x;
    for (TransformerEncoderLayer layer : layers) {
      y = mask == null ? layer.forward(y, pass) : layer.forward(y, mask, pass);
    }
    return norm == null ? y : norm.forward(y, pass);
  }
}
