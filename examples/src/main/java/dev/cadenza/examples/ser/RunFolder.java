package dev.cadenza.examples.ser;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of one training run. A file appears under its name only when it is complete, so that an
 * interrupted run leaves nothing half written.
 */
record RunFolder(Path path) {

  /** Scores of all epochs so far, as JSON. */
  record History(List<EpochScores> epochs) {}

  /** The best model so far. */
  Path model() {
    return path.resolve("model.safetensors");
  }

  /** What is needed to go on after the last epoch. */
  Path checkpoint() {
    return path.resolve("last.safetensors");
  }

  Path history() {
    return path.resolve("history.json");
  }

  void writeHistory(List<EpochScores> epochs) throws IOException {
    write(history(), Json.text(new History(epochs)));
  }

  /**
   * Writes a report: {@code NAME.json}, {@code NAME-confusion.png} and, if the folder has a
   * history, {@code learning-curves.png}.
   *
   * @param problems is told if this machine has no font and cannot draw pictures
   * @return the files written
   */
  List<Path> writeReport(String name, Evaluation evaluation, PrintWriter problems)
      throws IOException {
    List<Path> written = new ArrayList<>();
    written.add(write(path.resolve(name + ".json"), Json.text(evaluation)));
    try {
      byte[] confusion =
          Pictures.confusion(
              evaluation.title(), evaluation.classes(), evaluation.scores().confusion());
      written.add(write(path.resolve(name + "-confusion.png"), confusion));
      if (Files.exists(history())) {
        History history = Json.read(Files.readString(history()), History.class);
        byte[] curves = Pictures.learningCurves("Training", history.epochs);
        written.add(write(path.resolve("learning-curves.png"), curves));
      }
    } catch (IOException e) {
      problems.println("no pictures: " + SerMain.problem(e));
    }
    return written;
  }

  private static Path write(Path file, String text) throws IOException {
    return write(file, text.getBytes(StandardCharsets.UTF_8));
  }

  private static Path write(Path file, byte[] bytes) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    Files.write(part, bytes);
    return Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
