package dev.cadenza.models;

import dev.cadenza.nn.Conv2d;
import dev.cadenza.nn.ConvBlock;
import dev.cadenza.nn.Dropout;
import dev.cadenza.nn.Layer;
import dev.cadenza.nn.Linear;
import dev.cadenza.nn.MaxPool2d;
import dev.cadenza.nn.Pass;
import dev.cadenza.nn.TransformerEncoder;
import dev.cadenza.nn.TransformerEncoderLayer;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.shape.Window;
import dev.cadenza.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A network that reads a spectrogram twice: convolutional branches read it as an image, a
 * transformer reads it as a sequence of frames. Their embeddings are concatenated and mapped to
 * class logits.
 *
 * <pre>
 *   input        [N, 1, F, T]    F mel bands or MFCCs, T frames
 *   conv branch  [N, C * H * W]  blocks of 3x3 convolution, batch norm, ReLU, max pool, dropout
 *   transformer  [N, E]          max pool to [N, 1, E, S], S steps of size E, encoder, mean over S
 *   output       [N, K]          logits; softmax belongs to prediction
 * </pre>
 *
 * <p>Two presets: {@link #parallel()} and {@link #twoBranch()}. Keys are those of the published
 * PyTorch networks: {@code conv2Dblock1}, {@code conv2Dblock2}, {@code transformer_encoder}, {@code
 * fc1_linear}. There is no positional encoding and no final norm.
 */
public final class ParallelCnnTransformer extends Layer {
  /**
   * One convolution block of a branch.
   *
   * @param channels output channels
   * @param poolH height of the pooling window, which is also its stride
   * @param poolW width of the pooling window
   */
  public record Stage(int channels, int poolH, int poolW) {
    public Stage {
      requirePositive("channels", channels);
      requirePositive("poolH", poolH);
      requirePositive("poolW", poolW);
    }
  }

  /**
   * Everything that can be set. Start from a preset and change what differs.
   *
   * @param bands F
   * @param frames T
   * @param classes K
   * @param branches convolutional branches, equal in structure
   * @param stages the convolution blocks of each branch
   * @param convDropout after each pooling
   * @param reduceH height of the pooling window before the transformer; E = F / reduceH
   * @param reduceW its width; S = T / reduceW
   * @param layers encoder layers
   * @param heads attention heads; must divide E
   * @param feedForward hidden width of an encoder layer
   * @param transformerDropout of the encoder layers
   * @param headDropout on the logits
   */
  public record Settings(
      int bands,
      int frames,
      int classes,
      int branches,
      List<Stage> stages,
      double convDropout,
      int reduceH,
      int reduceW,
      int layers,
      int heads,
      int feedForward,
      double transformerDropout,
      double headDropout) {
    public Settings {
      stages = List.copyOf(stages);
      requirePositive("bands", bands);
      requirePositive("frames", frames);
      requirePositive("classes", classes);
      requirePositive("branches", branches);
      requirePositive("stages", stages.size());
      requirePositive("reduceH", reduceH);
      requirePositive("reduceW", reduceW);
      requirePositive("layers", layers);
      requirePositive("feedForward", feedForward);
    }

    /** The size of the input: F mel bands or MFCCs, T frames. */
    public Settings input(int bands, int frames) {
      return copy(bands, frames, classes, branches, stages, reduceH, reduceW, headDropout);
    }

    public Settings classes(int classes) {
      return copy(bands, frames, classes, branches, stages, reduceH, reduceW, headDropout);
    }

    public Settings branches(int branches) {
      return copy(bands, frames, classes, branches, stages, reduceH, reduceW, headDropout);
    }

    /** The convolution blocks of each branch. */
    public Settings stages(Stage... stages) {
      return copy(bands, frames, classes, branches, List.of(stages), reduceH, reduceW, headDropout);
    }

    /** The pooling window before the transformer. */
    public Settings reduce(int h, int w) {
      return copy(bands, frames, classes, branches, stages, h, w, headDropout);
    }

    /** Dropout on the logits; 0 turns it off. */
    public Settings headDropout(double p) {
      return copy(bands, frames, classes, branches, stages, reduceH, reduceW, p);
    }

    private Settings copy(
        int bands,
        int frames,
        int classes,
        int branches,
        List<Stage> stages,
        int reduceH,
        int reduceW,
        double headDropout) {
      return new Settings(
          bands,
          frames,
          classes,
          branches,
          stages,
          convDropout,
          reduceH,
          reduceW,
          layers,
          heads,
          feedForward,
          transformerDropout,
          headDropout);
    }

    public Settings convDropout(double p) {
      return dropouts(p, transformerDropout, headDropout);
    }

    public Settings transformerDropout(double p) {
      return dropouts(convDropout, p, headDropout);
    }

    /** No dropout anywhere: for tests of exactness. */
    public Settings withoutDropout() {
      return dropouts(0, 0, 0);
    }

    private Settings dropouts(double conv, double transformer, double head) {
      return new Settings(
          bands,
          frames,
          classes,
          branches,
          stages,
          conv,
          reduceH,
          reduceW,
          layers,
          heads,
          feedForward,
          transformer,
          head);
    }

    /** The encoder: number of layers, heads, and width of the feed-forward part. */
    public Settings transformer(int layers, int heads, int feedForward) {
      return new Settings(
          bands,
          frames,
          classes,
          branches,
          stages,
          convDropout,
          reduceH,
          reduceW,
          layers,
          heads,
          feedForward,
          transformerDropout,
          headDropout);
    }

    /**
     * The network with weights drawn from {@code rng}.
     *
     * @throws ShapeException if the pooling windows do not fit into the input
     */
    public ParallelCnnTransformer build(RandomGenerator rng) {
      return new ParallelCnnTransformer(this, rng);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "parallel CNN transformer: %s=%d must be at least 1", name, value));
    }
  }

  private static final Window CONV = Window.square(3).padding(1, 1);

  private final Settings settings;
  private final List<Branch> branches;
  private final MaxPool2d reduce;
  private final TransformerEncoder encoder;
  private final Linear head;
  private final Dropout headDropout;

  /** One branch of four blocks on log-mel 1x128x563: 395,176 parameters. */
  public static Settings parallel() {
    List<Stage> stages =
        List.of(new Stage(16, 2, 2), new Stage(32, 4, 4), new Stage(64, 4, 4), new Stage(64, 4, 4));
    return new Settings(128, 563, 8, 1, stages, 0.3, 2, 4, 4, 4, 512, 0.4, 0.3);
  }

  /** Two branches of three blocks on MFCC 1x40x282: 248,488 parameters. */
  public static Settings twoBranch() {
    List<Stage> stages = List.of(new Stage(16, 2, 2), new Stage(32, 4, 4), new Stage(64, 4, 4));
    return new Settings(40, 282, 8, 2, stages, 0.3, 1, 4, 4, 4, 512, 0.4, 0);
  }

  private ParallelCnnTransformer(Settings s, RandomGenerator rng) {
    if (s.bands() < s.reduceH() || s.frames() < s.reduceW()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "parallel CNN transformer: the pool before the transformer, %dx%d, does not fit into"
                  + " input %dx%d",
              s.reduceH(),
              s.reduceW(),
              s.bands(),
              s.frames()));
    }
    this.settings = s;
    int embedding = s.bands() / s.reduceH();
    this.branches =
        IntStream.rangeClosed(1, s.branches())
            .mapToObj(i -> child("conv2Dblock" + i, new Branch(s, rng)))
            .toList();
    this.reduce =
        child("transformer_maxpool", new MaxPool2d(Window.pool(s.reduceH(), s.reduceW())));
    this.encoder =
        child(
            "transformer_encoder",
            new TransformerEncoder(
                TransformerEncoderLayer.Settings.of(embedding, s.heads(), s.feedForward())
                    .dropout(s.transformerDropout()),
                s.layers(),
                rng));
    int features = embedding + branches.stream().mapToInt(Branch::features).sum();
    this.head = child("fc1_linear", new Linear(features, s.classes(), rng));
    this.headDropout = new Dropout(s.headDropout());
  }

  public Settings settings() {
    return settings;
  }

  @Override
  protected Tensor compute(Tensor x, Pass pass) {
    requireInput(x);
    Stream<Tensor> images = branches.stream().map(branch -> branch.forward(x, pass));
    Stream<Tensor> sequence = Stream.of(transform(x, pass));
    Tensor[] embeddings = Stream.concat(images, sequence).toArray(Tensor[]::new);
    Tensor logits = head.forward(Tensor.concat(1, embeddings), pass);
    return headDropout.forward(logits, pass);
  }

  /** The sequence branch: [N, 1, F, T] to [N, E]. */
  private Tensor transform(Tensor x, Pass pass) {
    Tensor reduced = reduce.forward(x, pass); // [N, 1, E, S]
    Tensor steps = reduced.flatten(1).reshape(x.dim(0), reduced.dim(2), reduced.dim(3));
    return encoder.forward(steps.permute(0, 2, 1), pass).mean(1); // [N, S, E] -> [N, E]
  }

  private void requireInput(Tensor x) {
    if (x.shape().rank() != 4
        || x.dim(1) != 1
        || x.dim(2) != settings.bands()
        || x.dim(3) != settings.frames()) {
      throw ShapeException.expected(
          "parallel CNN transformer",
          "input",
          String.format(Locale.ROOT, "[N, 1, %d, %d]", settings.bands(), settings.frames()),
          x.shape());
    }
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "ParallelCnnTransformer(%dx%d, %d classes)",
        settings.bands(),
        settings.frames(),
        settings.classes());
  }

  /** A stack of convolution blocks, flattened: [N, 1, F, T] to [N, features]. */
  private static final class Branch extends Layer {
    private final List<ConvBlock> blocks = new ArrayList<>();
    private final int features;

    Branch(Settings s, RandomGenerator rng) {
      int channels = 1;
      int h = s.bands();
      int w = s.frames();
      for (Stage stage : s.stages()) {
        int number = blocks.size() + 1;
        if (h < stage.poolH() || w < stage.poolW()) {
          throw new ShapeException(
              String.format(
                  Locale.ROOT,
                  "parallel CNN transformer: convolution %d of %d pools %dx%d, but of input %dx%d only"
                      + " %dx%d is left; use at most %d convolutions or smaller pools",
                  number,
                  s.stages().size(),
                  stage.poolH(),
                  stage.poolW(),
                  s.bands(),
                  s.frames(),
                  h,
                  w,
                  number - 1));
        }
        Conv2d conv = new Conv2d(channels, stage.channels(), CONV, rng);
        MaxPool2d pool = new MaxPool2d(Window.pool(stage.poolH(), stage.poolW()));
        blocks.add(
            inline(new ConvBlock(ConvBlock.PARTS * blocks.size(), conv, pool, s.convDropout())));
        channels = stage.channels();
        h /= stage.poolH();
        w /= stage.poolW();
      }
      this.features = channels * h * w;
    }

    int features() {
      return features;
    }

    @Override
    protected Tensor compute(Tensor x, Pass pass) {
      Tensor y = x;
      for (ConvBlock block : blocks) {
        y = block.forward(y, pass);
      }
      return y.flatten(1);
    }
  }
}
