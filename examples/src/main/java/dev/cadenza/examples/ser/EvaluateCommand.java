package dev.cadenza.examples.ser;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Reports how well a model does, by default on the test part of the split it was trained with. */
@Command(
    name = "evaluate",
    description = "Report how well a model does on the clips that were kept out of its training.")
final class EvaluateCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private DataOption data;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "A model file written by 'train'.")
  private Path file;

  @Option(
      names = "--all",
      description = "Evaluate on all clips given, whatever the model was trained on.")
  private boolean all;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Folder for the report. Default: that of the model.")
  private @Nullable Path out;

  @Option(names = "--json", description = "Print the report as JSON.")
  private boolean json;

  @Override
  public Integer call() throws IOException {
    PrintWriter screen = spec.commandLine().getOut();
    EmotionModel model = EmotionModel.load(file);
    if (data.isSynthetic() && !model.origin().synthetic()) {
      throw new IllegalArgumentException(
          "--data is missing: " + file + " was trained on " + model.origin().data());
    }
    try (Corpus corpus = data.open()) {
      List<Clip> clips = all ? corpus.clips() : testPart(model.origin(), corpus);
      String part = all ? "all clips of " + data.describe(corpus) : title(model.origin());
      Evaluation evaluation =
          Evaluation.of(model, part, data.isSynthetic(), clips, new FeatureStore(model.frontEnd()));
      screen.println(json ? Json.text(evaluation) : evaluation.text());
      Path folder = out != null ? out : Objects.requireNonNull(file.toAbsolutePath().getParent());
      Files.createDirectories(folder);
      List<Path> written =
          new RunFolder(folder).writeReport("evaluation", evaluation, spec.commandLine().getErr());
      if (!json) {
        screen.println("wrote");
        written.forEach(path -> screen.println("  " + path));
      }
      return 0;
    }
  }

  private static String title(EmotionModel.Origin origin) {
    return "test part of "
        + origin.protocol().text()
        + ", fold "
        + origin.fold()
        + " of "
        + origin.folds();
  }

  /** The split is made again; it is the same only if the data are. */
  private static List<Clip> testPart(EmotionModel.Origin origin, Corpus corpus) {
    if (!corpus.fingerprint().equals(origin.fingerprint())) {
      throw new IllegalArgumentException(
          "the data ("
              + corpus.summary()
              + ") are not those of the training ("
              + origin.data()
              + "), so that some of its clips may be among them; --all evaluates on all of them");
    }
    return origin
        .protocol()
        .splits(corpus.clips(), origin.recipe().seed())
        .get(origin.fold() - 1)
        .test();
  }
}
