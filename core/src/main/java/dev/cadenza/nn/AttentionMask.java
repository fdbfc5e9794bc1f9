package dev.cadenza.nn;

import dev.cadenza.tensor.Tensor;
import java.util.Arrays;

/**
 * Masks that are added to attention scores: 0 where a key may be looked at, minus infinity where it
 * may not. A query that may look at nothing gets weights of 0.
 */
public final class AttentionMask {
  private AttentionMask() {}

  /**
   * Hides padding: {@code ignore[n][s]} says that key s of sequence n is padding (PyTorch's {@code
   * key_padding_mask}). The result is [N, 1, 1, S].
   */
  public static Tensor padding(boolean[][] ignore) {
    int keys = ignore.length == 0 ? 0 : ignore[0].length;
    return Tensor.of(additive(ignore), ignore.length, 1, 1, keys);
  }

  /** Hides pairs: {@code ignore[t][s]} says that query t may not look at key s. [T, S]. */
  public static Tensor pairs(boolean[][] ignore) {
    int keys = ignore.length == 0 ? 0 : ignore[0].length;
    return Tensor.of(additive(ignore), ignore.length, keys);
  }

  /** Lets each of {@code steps} look at itself and at what came before. [T, T]. */
  public static Tensor causal(int steps) {
    boolean[][] ignore = new boolean[steps][steps];
    for (int t = 0; t < steps; t++) {
      Arrays.fill(ignore[t], t + 1, steps, true);
    }
    return pairs(ignore);
  }

  private static float[] additive(boolean[][] ignore) {
    int keys = ignore.length == 0 ? 0 : ignore[0].length;
    float[] mask = new float[ignore.length * keys];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = ignore[i / keys][i % keys] ? Float.NEGATIVE_INFINITY : 0;
    }
    return mask;
  }
}
