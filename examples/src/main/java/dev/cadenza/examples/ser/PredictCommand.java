package dev.cadenza.examples.ser;

import dev.cadenza.audio.AudioFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says which emotion a model hears in recordings. */
@Command(
    name = "predict",
    description = {
      "Say which emotion a model hears in recordings.",
      "Files that cannot be used are named on stderr; the others are done all the same."
    })
final class PredictCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "FILE",
      description = "A model file written by 'train'.")
  private Path modelFile;

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description = "Audio files, or folders of audio files.")
  private List<Path> paths;

  @Option(names = "--json", description = "Print the results as JSON.")
  private boolean json;

  /**
   * One file's result.
   *
   * @param file as it was found
   * @param seconds length of the file
   * @param label the most probable class
   * @param probabilities of all classes, in the order of the network's outputs
   * @param warnings why the result may be worthless
   */
  record Prediction(
      String file,
      double seconds,
      String label,
      Map<String, Double> probabilities,
      List<String> warnings) {}

  /** A file that could not be used. */
  record Failure(String file, String problem) {}

  /** What {@code --json} prints. */
  record Results(String model, List<Prediction> predictions, List<Failure> failures) {}

  @Override
  public Integer call() throws IOException {
    PrintWriter screen = spec.commandLine().getOut();
    EmotionModel model = EmotionModel.load(modelFile);
    List<Prediction> predictions = new ArrayList<>();
    List<Failure> failures = new ArrayList<>();
    for (Path path : paths) {
      try {
        for (Path file : files(path)) {
          predict(model, file, predictions, failures);
        }
      } catch (IOException e) {
        fail(path, e, failures);
      }
    }
    if (json) {
      screen.print(Json.text(new Results(modelFile.toString(), predictions, failures)));
      screen.flush();
    }
    return failures.isEmpty() ? 0 : 1;
  }

  /** The file, or the audio files in the folder and below it. */
  static List<Path> files(Path path) throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> files = AudioFile.list(path);
    if (files.isEmpty()) {
      throw new IOException(path + ": there is no audio file in this folder");
    }
    return files;
  }

  private void predict(
      EmotionModel model, Path file, List<Prediction> predictions, List<Failure> failures) {
    try {
      Recording recording = Recording.read(file, model.frontEnd().settings());
      Prediction prediction =
          prediction(file, recording, model.labels(), model.predict(recording.audio()));
      predictions.add(prediction);
      if (!json) {
        print(prediction);
      }
    } catch (IOException | IllegalArgumentException e) {
      fail(file, e, failures);
    }
  }

  private static Prediction prediction(
      Path file, Recording recording, List<String> labels, float[] probabilities) {
    Map<String, Double> byLabel = new LinkedHashMap<>();
    IntStream.range(0, probabilities.length)
        .forEach(i -> byLabel.put(labels.get(i), (double) probabilities[i]));
    String label =
        byLabel.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    return new Prediction(
        file.toString(), recording.seconds(), label, byLabel, recording.warnings());
  }

  private void print(Prediction p) {
    PrintWriter screen = spec.commandLine().getOut();
    String length =
        Double.isNaN(p.seconds) ? "" : String.format(Locale.ROOT, " (%.2f s)", p.seconds);
    screen.println(p.file + length + ": " + p.label);
    screen.println(
        "  "
            + p.probabilities.entrySet().stream()
                .map(e -> String.format(Locale.ROOT, "%s %.1f %%", e.getKey(), 100 * e.getValue()))
                .collect(Collectors.joining("  ")));
    p.warnings.forEach(warning -> screen.println("  warning: " + warning));
  }

  private void fail(Path file, Exception e, List<Failure> failures) {
    String line = SerMain.problem(file, e);
    failures.add(new Failure(file.toString(), line));
    spec.commandLine().getErr().println(SerMain.NAME + ": " + line);
  }
}
