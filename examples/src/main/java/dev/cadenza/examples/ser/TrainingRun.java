package dev.cadenza.examples.ser;

import dev.cadenza.data.DataLoader;
import dev.cadenza.data.Dataset;
import dev.cadenza.data.Standardizer;
import dev.cadenza.io.CheckpointException;
import dev.cadenza.io.Safetensors;
import dev.cadenza.io.StateDict;
import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.optim.Optimizer;
import dev.cadenza.optim.Schedule;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.train.EarlyStopping;
import dev.cadenza.train.Predictions;
import dev.cadenza.train.Trainer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Trains one network on one split.
 *
 * <p>What cannot leak: the scaling is estimated on the training part, variations are made of the
 * training part alone, the epoch is chosen on the validation part, and the test part is not touched
 * here at all. After every epoch the best model and all that is needed to go on are on disk; a run
 * that was resumed gives the same bits as one that was not interrupted.
 */
final class TrainingRun {

  private static final String NETWORK = "network.";
  private static final String OPTIMIZER = "optimizer.";
  private static final String PLAN = "plan";
  private static final String HISTORY = "history";

  /**
   * What a run depends on.
   *
   * @param network what is trained
   * @param features what it reads
   * @param recipe how it is trained
   * @param protocol how the clips were divided
   * @param fold number of the split
   * @param fingerprint of the corpus
   */
  record Plan(
      ParallelCnnTransformer.Settings network,
      FrontEnd.Settings features,
      Recipe recipe,
      Protocol protocol,
      int fold,
      String fingerprint) {

    /**
     * This plan with the length of another one. It may differ in a run that goes on, unless the
     * learning rate follows from it.
     */
    private Plan lasting(Recipe other) {
      Recipe same = recipe.patience(other.patience());
      boolean free = other.schedule() == Recipe.ScheduleKind.CONSTANT;
      same = free ? same.epochs(other.epochs()) : same;
      return new Plan(network, features, same, protocol, fold, fingerprint);
    }
  }

  private final Plan plan;
  private final EmotionModel.Origin origin;
  private final RunFolder folder;
  private final FrontEnd frontEnd;
  private final Examples train;
  private final Examples validation;
  private final Standardizer scaler;
  private final ParallelCnnTransformer network;
  private final Optimizer optimizer;
  private final List<EpochScores> history = new ArrayList<>();

  /**
   * Prepares a run: computes features, draws weights.
   *
   * @param settings the network
   * @param origin what the model will say of itself; its scores are filled in here
   */
  TrainingRun(
      ParallelCnnTransformer.Settings settings,
      EmotionModel.Origin origin,
      Split split,
      RunFolder folder,
      FeatureStore features)
      throws IOException {
    Recipe recipe = origin.recipe();
    this.plan =
        new Plan(
            settings,
            features.frontEnd().settings(),
            recipe,
            split.protocol(),
            split.fold(),
            origin.fingerprint());
    this.origin = origin;
    this.folder = folder;
    this.frontEnd = features.frontEnd();
    this.train = features.augmented(split.train(), recipe.augment(), recipe.seeds().copies());
    this.validation = features.of(split.validation());
    this.scaler = Standardizer.perCell(train.data());
    this.network = settings.build(new SplittableRandom(recipe.seeds().weights()));
    this.optimizer = recipe.optimizer(network.parameters());
  }

  /** Scores of all epochs so far. */
  List<EpochScores> history() {
    return List.copyOf(history);
  }

  /** Number of examples in an epoch, changed copies included. */
  int examples() {
    return train.data().size();
  }

  /**
   * Goes back to where the checkpoint in the folder was written.
   *
   * @throws IOException if it belongs to another run
   */
  void resume() throws IOException {
    Safetensors.File file = Safetensors.read(folder.checkpoint());
    try {
      Plan saved = Json.read(file.metadata().getOrDefault(PLAN, ""), Plan.class);
      Optional<String> difference = Json.difference(saved.lasting(plan.recipe), plan);
      if (difference.isPresent()) {
        throw new CheckpointException(
            file.path(), "is of another run: " + difference.get() + " now");
      }
      StateDict.load(network, file.under(NETWORK));
      optimizer.load(file.under(OPTIMIZER).tensors());
      String epochs = file.metadata().getOrDefault(HISTORY, "");
      history.addAll(Json.read(epochs, RunFolder.History.class).epochs());
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(file.path(), "is no checkpoint of a run: " + e.getMessage(), e);
    }
  }

  /** Trains until patience or the epochs are at their end. Returns the best model. */
  EmotionModel run(Progress progress) throws IOException {
    Recipe recipe = plan.recipe;
    Trainer trainer =
        Trainer.of(network, optimizer, recipe.seeds().dropout())
            .loss(recipe.loss())
            .names(i -> train.names().get(i));
    Schedule schedule = recipe.rates();
    EarlyStopping stopping = new EarlyStopping(recipe.patience());
    history.forEach(e -> stopping.isBest(e.epoch(), e.validationUar()));
    Dataset scaled = train.data().standardized(scaler);
    try (DataLoader loader =
        DataLoader.over(recipe.augment().masked(scaled, recipe.seeds().masks()))
            .batchSize(recipe.batch())
            .shuffle(recipe.seeds().shuffle())
            .build()) {
      for (int epoch = history.size(); epoch < recipe.epochs() && !stopping.isOver(); epoch++) {
        int current = epoch;
        progress.begin(examples());
        optimizer.learningRate(schedule.at(epoch));
        Trainer.Scores scores = trainer.epoch(epoch, loader, s -> progress.step(current, s));
        long trainedAt = System.nanoTime();
        EpochScores outcome = validate(epoch + 1, scores);
        history.add(outcome);
        boolean best = stopping.isBest(outcome.epoch(), outcome.validationUar());
        save(outcome, best);
        progress.end(outcome, trainedAt, best);
      }
    }
    return EmotionModel.load(folder.model());
  }

  private EpochScores validate(int epoch, Trainer.Scores scores) {
    Predictions p =
        Predictions.of(
            network, validation.data().standardized(scaler), i -> validation.names().get(i));
    return new EpochScores(
        epoch,
        scores.loss(),
        scores.accuracy(),
        p.loss(),
        p.accuracy(),
        p.report(Emotion.texts()).uar());
  }

  /** The checkpoint comes last: whatever it speaks of is there. */
  private void save(EpochScores outcome, boolean best) throws IOException {
    if (best) {
      new EmotionModel(network, frontEnd, scaler, origin.with(outcome, null)).save(folder.model());
    }
    folder.writeHistory(history);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network.state().forEach((key, t) -> tensors.put(NETWORK + key, t));
    optimizer.state().forEach((key, t) -> tensors.put(OPTIMIZER + key, t));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(PLAN, Json.text(plan));
    metadata.put(HISTORY, Json.text(new RunFolder.History(history)));
    Safetensors.write(folder.checkpoint(), tensors, metadata);
  }
}
