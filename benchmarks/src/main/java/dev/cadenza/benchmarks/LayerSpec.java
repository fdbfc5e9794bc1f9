package dev.cadenza.benchmarks;

import dev.cadenza.loss.Losses;
import dev.cadenza.nn.BatchNorm2d;
import dev.cadenza.nn.Conv2d;
import dev.cadenza.nn.ConvBlock;
import dev.cadenza.nn.Dropout;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.LayerNorm;
import dev.cadenza.nn.Linear;
import dev.cadenza.nn.MaxPool2d;
import dev.cadenza.nn.MultiHeadAttention;
import dev.cadenza.nn.Pass;
import dev.cadenza.nn.ReLU;
import dev.cadenza.nn.Sequential;
import dev.cadenza.nn.TransformerEncoderLayer;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * A layer, its sizes and its input, readable from text such as {@code "Linear 1064 8 on 32x1064"},
 * so that any shape can be measured from the command line:
 *
 * <pre>
 *   ConvBlock in out poolH poolW    3x3, padding 1; dropout 0.3
 *   Conv2d in out                   3x3, padding 1
 *   BatchNorm2d channels            MaxPool2d h w
 *   Linear in out                   ReLU
 *   LayerNorm features              Dropout
 *   MultiHeadAttention E heads      dropout 0.4, like the next two
 *   FeedForward E hidden
 *   EncoderLayer E heads hidden
 *   Softmax                         over the last axis
 *   CrossEntropy                    softmax and mean cross-entropy against labels 0, 1, ..., K - 1, 0, ...
 * </pre>
 */
public record LayerSpec(String type, List<Integer> sizes, Shape input) {
  /** After each convolution block. */
  public static final double CONV_DROPOUT = 0.3;

  /** Everywhere in the transformer. */
  public static final double TRANSFORMER_DROPOUT = 0.4;

  private static final Pattern TEXT = Pattern.compile("(\\w+)((?: \\d+)*) on (\\d+(?:x\\d+)*)");

  public static LayerSpec parse(String text) {
    Matcher m = TEXT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(
          "layer: expected text like 'Linear 1064 8 on 32x1064', got '" + text + "'");
    }
    return new LayerSpec(
        m.group(1),
        numbers(m.group(2).strip(), " ").boxed().toList(),
        Shape.of(numbers(m.group(3), "x").toArray()));
  }

  private static IntStream numbers(String text, String separator) {
    return Arrays.stream(text.split(separator, -1))
        .filter(s -> !s.isEmpty())
        .mapToInt(Integer::parseInt);
  }

  /** One of the sizes, counted from 0. */
  public int size(int i) {
    return sizes.get(i);
  }

  /** True if nothing before this layer is trained, so that no gradient by its input is wanted. */
  public boolean first() {
    return type.equals("ConvBlock") && size(0) == 1;
  }

  /** The labels that the rows of a {@code CrossEntropy} are compared with. */
  public int[] labels() {
    return labels(input.dim(0), input.dim(-1));
  }

  static int[] labels(int rows, int classes) {
    return IntStream.range(0, rows).map(i -> i % classes).toArray();
  }

  /** The layer with random weights; every dropout of it is off unless {@code dropout}. */
  public Layer build(boolean dropout, RandomGenerator rng) {
    double drop = dropout ? TRANSFORMER_DROPOUT : 0;
    return switch (type) {
      case "ConvBlock" ->
          new ConvBlock(0, conv(rng), pool(size(2), size(3)), dropout ? CONV_DROPOUT : 0);
      case "Conv2d" -> conv(rng);
      case "BatchNorm2d" -> new BatchNorm2d(size(0));
      case "MaxPool2d" -> pool(size(0), size(1));
      case "Linear" -> new Linear(size(0), size(1), rng);
      case "ReLU" -> new ReLU();
      case "LayerNorm" -> new LayerNorm(size(0));
      case "Dropout" -> new Dropout(drop);
      case "MultiHeadAttention" -> new MultiHeadAttention(size(0), size(1), drop, rng);
      case "FeedForward" ->
          new Sequential(
              new Linear(size(0), size(1), rng),
              new ReLU(),
              new Dropout(drop),
              new Linear(size(1), size(0), rng));
      case "EncoderLayer" ->
          new TransformerEncoderLayer(
              TransformerEncoderLayer.Settings.of(size(0), size(1), size(2)).dropout(drop), rng);
      case "Softmax" -> new Function(x -> x.softmax(-1));
      case "CrossEntropy" -> new Function(x -> Losses.crossEntropy(x, labels()));
      default -> throw new IllegalArgumentException("layer: there is no '" + type + "'");
    };
  }

  private Conv2d conv(RandomGenerator rng) {
    return new Conv2d(size(0), size(1), Window.square(3).padding(1, 1), rng);
  }

  private static MaxPool2d pool(int h, int w) {
    return new MaxPool2d(Window.pool(h, w));
  }

  /** A function without parameters as a layer. */
  private static final class Function extends Layer {
    private final UnaryOperator<Tensor> f;

    Function(UnaryOperator<Tensor> f) {
      this.f = f;
    }

    @Override
    protected Tensor compute(Tensor x, Pass pass) {
      return f.apply(x);
    }
  }
}
