package dev.cadenza.examples.ser;

import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network on one split or on all splits of a protocol, and reports on the test clips. */
@Command(
    name = "train",
    description = "Train a network and report how well it does on clips it has not heard.")
final class TrainCommand implements Callable<Integer> {

  private static final String ALL = "all";

  @Spec private CommandSpec spec;
  @Mixin private DataOption data;
  @Mixin private RecipeOptions recipeOptions;

  @Option(
      names = "--preset",
      paramLabel = "P",
      defaultValue = "two-branch",
      description = "The network: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private Preset preset;

  @Option(
      names = "--protocol",
      paramLabel = "P",
      defaultValue = "speaker",
      description = {
        "How clips are divided; default: ${DEFAULT-VALUE}.",
        "random: 80/10/10, the same actors everywhere.",
        "speaker: the test actors are not in training; 5 folds of all 24 actors.",
        "speaker-emobox: 6 folds.  speaker-loso: a fold an actor."
      })
  private Protocol protocol;

  @Option(
      names = "--fold",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which fold is the test, or 'all', one after the other. Default: 1.")
  private String fold;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the model and reports. Default: a new one below 'runs'.")
  private @Nullable Path out;

  @Option(
      names = "--resume",
      description = "Go on with the run in that folder; give the same options as before.")
  private boolean resume;

  @Override
  public Integer call() throws IOException {
    PrintWriter screen = spec.commandLine().getOut();
    Recipe recipe = recipeOptions.recipe(data.isSynthetic());
    Path root = folder(recipe);
    try (Corpus corpus = data.open()) {
      List<Split> splits = selected(protocol.splits(corpus.clips(), recipe.seed()));
      screen.println("data      " + data.describe(corpus));
      screen.println(
          "network   " + preset + ", kernels " + Kernels.active() + ", threads " + Threads.count());
      FeatureStore features = new FeatureStore(new FrontEnd(preset.features()));
      List<Evaluation> evaluations = new ArrayList<>();
      List<Path> written = new ArrayList<>();
      for (Split split : splits) {
        Path folder = splits.size() == 1 ? root : root.resolve("fold-" + split.fold());
        evaluations.add(fold(split, recipe, corpus, features, new RunFolder(folder), written));
      }
      if (splits.size() > 1) {
        Evaluation all =
            Evaluation.merge("test parts of all folds of " + protocol.text(), evaluations);
        screen.println(all.text());
        written.addAll(report(new RunFolder(root), "all-folds", all));
      }
      Path model = written.get(0);
      screen.println("wrote");
      written.forEach(file -> screen.println("  " + file));
      screen.println("next");
      screen.println(
          "  " + Terminal.command() + " predict --model " + model + " " + samples(root, splits));
      return 0;
    }
  }

  /** Trains on one split and evaluates on its test part. */
  private Evaluation fold(
      Split split,
      Recipe recipe,
      Corpus corpus,
      FeatureStore features,
      RunFolder folder,
      List<Path> written)
      throws IOException {
    PrintWriter screen = spec.commandLine().getOut();
    screen.printf(
        Locale.ROOT,
        "split     %s: %d training, %d validation, %d test clips%n",
        split.title(),
        split.train().size(),
        split.validation().size(),
        split.test().size());
    Files.createDirectories(folder.path());
    String fingerprint = corpus.fingerprint();
    EmotionModel.Origin origin =
        new EmotionModel.Origin(
            SerMain.Version.text(),
            data.describe(corpus),
            fingerprint,
            data.isSynthetic(),
            split.protocol(),
            split.fold(),
            split.folds(),
            recipe,
            EpochScores.NONE,
            null);
    TrainingRun.Plan plan =
        new TrainingRun.Plan(
            preset.network(),
            preset.features(),
            recipe,
            split.protocol(),
            split.fold(),
            fingerprint);
    long started = System.nanoTime();
    TrainingRun run = new TrainingRun(plan, split, origin, folder, features);
    screen.printf(
        Locale.ROOT,
        "features  %d examples in %.1f s%n",
        run.examples(),
        (System.nanoTime() - started) / 1e9);
    if (resume && Files.exists(folder.checkpoint())) {
      run.resume();
      screen.println("resumed   after epoch " + run.history().size());
    }
    EmotionModel best = run.run(new Progress(screen, Terminal.isLive(), recipe.epochs()));
    EpochScores chosen = best.origin().validation();
    screen.printf(
        Locale.ROOT,
        "done      %d epochs in %.0f s; epoch %d is the best on the validation part%n%n",
        run.history().size(),
        (System.nanoTime() - started) / 1e9,
        chosen.epoch());
    Evaluation evaluation =
        Evaluation.of(
            best, "test part of " + split.title(), data.isSynthetic(), split.test(), features);
    best.with(best.origin().with(chosen, evaluation.summary())).save(folder.model());
    screen.println(evaluation.text());
    written.add(folder.model());
    written.addAll(report(folder, "report", evaluation));
    return evaluation;
  }

  private List<Path> report(RunFolder folder, String name, Evaluation evaluation)
      throws IOException {
    return folder.writeReport(name, evaluation, spec.commandLine().getErr());
  }

  private List<Split> selected(List<Split> splits) {
    if (fold.equals(ALL)) {
      return splits;
    }
    if (!fold.matches("[0-9]{1,4}")
        || Integer.parseInt(fold) < 1
        || Integer.parseInt(fold) > splits.size()) {
      throw new IllegalArgumentException(
          "--fold is '" + fold + "', expected 1 to " + splits.size() + " or '" + ALL + "'");
    }
    return List.of(splits.get(Integer.parseInt(fold) - 1));
  }

  /** The folder asked for, or one below "runs" with a name that says what is in it. */
  private Path folder(Recipe recipe) throws IOException {
    if (out != null) {
      if (holdsRun(out) && !resume) {
        throw new IOException(
            out + ": there is a run already; go on with --resume or give another --out");
      }
      return out;
    }
    String name =
        String.join(
            "-",
            data.isSynthetic() ? "synthetic" : "ravdess",
            preset.toString(),
            protocol.text(),
            "fold" + fold,
            "seed" + recipe.seed());
    Path folder = Path.of("runs", name);
    Path last = folder;
    for (int i = 2; holdsRun(folder); i++) {
      last = folder;
      folder = Path.of("runs", name + "-" + i);
    }
    return resume ? last : folder;
  }

  private static boolean holdsRun(Path folder) throws IOException {
    return Files.exists(new RunFolder(folder).checkpoint())
        || Files.exists(folder.resolve("fold-1"));
  }

  /** Something to listen to: of synthetic speech, the clips of one test actor. */
  private String samples(Path root, List<Split> splits) throws IOException {
    if (!data.isSynthetic()) {
      return "YOUR.wav";
    }
    Path folder = Files.createDirectories(root.resolve("samples"));
    List<Clip> test = splits.get(0).test();
    for (Clip clip : test) {
      if (clip.actor() == test.get(0).actor()) {
        Files.write(folder.resolve(clip.name().stem() + ".wav"), clip.source().read());
      }
    }
    return folder.toString();
  }
}
