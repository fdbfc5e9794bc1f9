package dev.cadenza.benchmarks;

import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.shape.Shape;

/**
 * A preset of {@link ParallelCnnTransformer}, a batch size and a clip length, readable from text
 * such as {@code "two-branch 32"} or, with other frames than the preset's, {@code "two-branch 32
 * 70"}.
 */
public record NetworkSpec(String preset, int batch, ParallelCnnTransformer.Settings settings) {
  public static NetworkSpec parse(String text) {
    String[] parts = text.split(" ", -1);
    if (parts.length < 2 || parts.length > 3) {
      throw new IllegalArgumentException(
          "network: expected text like 'two-branch 32', got '" + text + "'");
    }
    ParallelCnnTransformer.Settings s =
        switch (parts[0]) {
          case "two-branch" -> ParallelCnnTransformer.twoBranch();
          case "parallel" -> ParallelCnnTransformer.parallel();
          default -> throw new IllegalArgumentException("network: there is no '" + parts[0] + "'");
        };
    return new NetworkSpec(
        parts[0],
        Integer.parseInt(parts[1]),
        parts.length == 3 ? s.input(s.bands(), Integer.parseInt(parts[2])) : s);
  }

  /** The same without any dropout: what can be compared with another library to the digit. */
  public NetworkSpec withoutDropout() {
    return new NetworkSpec(preset, batch, settings.withoutDropout());
  }

  /** The shape of a batch of clips. */
  public Shape input() {
    return Shape.of(batch, 1, settings.bands(), settings.frames());
  }

  /** A label for each clip of a batch. */
  public int[] labels() {
    return LayerSpec.labels(batch, settings.classes());
  }
}
