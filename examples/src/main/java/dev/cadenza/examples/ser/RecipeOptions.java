package dev.cadenza.examples.ser;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The settings of a {@link Recipe} on the command line; the reference recipe unless set. */
final class RecipeOptions {

  private static final int EPOCHS = 100;

  /** Enough for the synthetic corpus, and over within a minute or so. */
  private static final int SYNTHETIC_EPOCHS = 40;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of split, weights, order, dropout and variations. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description =
          "At most so many. Default: "
              + EPOCHS
              + ", with synthetic speech "
              + SYNTHETIC_EPOCHS
              + ".")
  private @Nullable Integer epochs;

  @Option(
      names = "--patience",
      paramLabel = "N",
      defaultValue = "40",
      description =
          "Stop after so many epochs without a better UAR on the validation part."
              + " Default: ${DEFAULT-VALUE}.")
  private int patience;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Examples in a step. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--optimizer",
      paramLabel = "O",
      defaultValue = "sgd",
      description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Recipe.OptimizerKind optimizer;

  @Option(
      names = "--lr",
      paramLabel = "X",
      defaultValue = "0.01",
      description = "Learning rate. Default: ${DEFAULT-VALUE}.")
  private double learningRate;

  @Option(
      names = "--momentum",
      paramLabel = "X",
      defaultValue = "0.8",
      description = "Of sgd. Default: ${DEFAULT-VALUE}.")
  private double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "X",
      defaultValue = "0.001",
      description = "Default: ${DEFAULT-VALUE}.")
  private double weightDecay;

  @Option(
      names = "--label-smoothing",
      paramLabel = "X",
      defaultValue = "0",
      description = "Default: ${DEFAULT-VALUE}.")
  private double labelSmoothing;

  @Option(
      names = "--schedule",
      paramLabel = "S",
      defaultValue = "constant",
      description = "Of the learning rate: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Recipe.ScheduleKind schedule;

  @Option(
      names = "--augment",
      paramLabel = "A,..",
      defaultValue = "none",
      description = {
        "Vary the training clips, and only them; names joined by commas. Default: ${DEFAULT-VALUE}.",
        "specaugment: masks over features, other ones in every epoch.",
        "All others make two copies of every clip, each changed by everything named.",
        "vtlp: vocal tract, 0.9 to 1.1.  pitch: up to 2 semitones.  speed, tempo: 0.9 to 1.1.",
        "shift: up to 0.2 s.  room: sides of 3 to 8 m, reverberation of 0.1 to 0.4 s.",
        "noise: white, 15 to 30 dB below the speech."
      })
  private Augment augment;

  Recipe recipe(boolean synthetic) {
    int most = epochs != null ? epochs : synthetic ? SYNTHETIC_EPOCHS : EPOCHS;
    return new Recipe(
        seed,
        most,
        patience,
        batch,
        optimizer,
        learningRate,
        momentum,
        weightDecay,
        labelSmoothing,
        schedule,
        augment);
  }
}
