package dev.cadenza.examples.ser;

import dev.cadenza.audio.Audio;
import dev.cadenza.data.Standardizer;
import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.models.ParallelCnnTransformer.Stage;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A corpus, features and a network small enough for tests. */
final class Tiny {

  static final long SEED = 3;

  /** MFCCs of 8x47. */
  static final FrontEnd.Settings FEATURES =
      new FrontEnd.Settings(FrontEnd.Kind.MFCC, 48_000, 0.9, 1, 1024, 512, 1024, 16, 8);

  static final ParallelCnnTransformer.Settings NETWORK =
      ParallelCnnTransformer.twoBranch()
          .input(8, 47)
          .stages(new Stage(4, 2, 2), new Stage(4, 2, 2))
          .reduce(1, 4)
          .transformer(1, 2, 16);

  private Tiny() {}

  /** Four actors, one take of each emotion by each, spoken once for all tests. */
  static List<RavdessName> names() {
    return SyntheticCorpus.allNames().stream()
        .filter(name -> name.actor() <= 4 && name.statement() == 1 && name.repetition() == 1)
        .filter(name -> name.intensity() == RavdessName.Intensity.NORMAL)
        .toList();
  }

  static Corpus corpus() {
    return Holder.CORPUS;
  }

  private static final class Holder {
    static final Corpus CORPUS = new SyntheticCorpus(names(), SEED).inMemory();
  }

  static Recipe recipe(int epochs) {
    return recipe(SEED, epochs, 100, 0.01, Recipe.ScheduleKind.CONSTANT, Augment.NONE);
  }

  static Recipe recipe(
      long seed,
      int epochs,
      int patience,
      double learningRate,
      Recipe.ScheduleKind schedule,
      Augment augment) {
    return new Recipe(
        seed,
        epochs,
        patience,
        8,
        Recipe.OptimizerKind.SGD,
        learningRate,
        0.8,
        1e-3,
        0,
        schedule,
        augment);
  }

  static EmotionModel.Origin origin(Split split, Recipe recipe) {
    return new EmotionModel.Origin(
        "1.2.3",
        "tiny corpus",
        corpus().fingerprint(),
        false,
        split.protocol(),
        split.fold(),
        split.folds(),
        recipe,
        EpochScores.NONE,
        null);
  }

  static Split split() {
    return Protocol.SPEAKER.splits(corpus().clips(), SEED).get(0);
  }

  /** A model that has learned nothing. */
  static EmotionModel model() {
    Shape shape = Shape.of(1, 8, 47);
    Tensor mean = Tensor.zeros(shape.dims()).add(-20);
    Tensor deviation = Tensor.zeros(shape.dims()).add(30);
    return new EmotionModel(
        NETWORK.build(new SplittableRandom(1)),
        new FrontEnd(FEATURES),
        Standardizer.of(Map.of("mean", mean, "deviation", deviation)),
        origin(split(), recipe(1)));
  }

  /** A sine of 440 Hz. */
  static Audio tone(double seconds, double amplitude) {
    float[] samples = new float[(int) (seconds * 48_000)];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (float) (amplitude * Math.sin(2 * Math.PI * 440 * i / 48_000));
    }
    return Audio.mono(samples, 48_000);
  }
}
