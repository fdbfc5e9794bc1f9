package dev.cadenza.examples.ser;

import dev.cadenza.kernel.Kernels;
import dev.cadenza.kernel.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
      Experiment experiment =
          new Experiment(preset, recipe, data, corpus, screen, spec.commandLine().getErr());
      List<Evaluation> evaluations = new ArrayList<>();
      for (Split split : splits) {
        Path folder = splits.size() == 1 ? root : root.resolve(foldName(split.fold()));
        evaluations.add(experiment.run(split, new RunFolder(folder), resume));
      }
      if (splits.size() > 1) {
        experiment.merge(
            "test parts of all folds of " + protocol.text(), evaluations, new RunFolder(root));
      }
      screen.println("wrote");
      experiment.written().forEach(file -> screen.println("  " + file));
      Path model = experiment.written().get(0);
      screen.println("next");
      screen.println(
          "  " + Terminal.command() + " predict --model " + model + " " + samples(root, splits));
      return 0;
    }
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
      return checked(out);
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
    return checked(resume ? last : folder);
  }

  private Path checked(Path folder) throws IOException {
    if (holdsRun(folder) != resume) {
      throw new IOException(
          folder
              + (resume
                  ? ": there is no run to go on with"
                  : ": there is a run already; go on with --resume or give another --out"));
    }
    return folder;
  }

  private static boolean holdsRun(Path folder) {
    return Stream.of(folder, folder.resolve(foldName(1)))
        .anyMatch(each -> Files.exists(new RunFolder(each).checkpoint()));
  }

  private static String foldName(int number) {
    return "fold-" + number;
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
