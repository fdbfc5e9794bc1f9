package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.WavEncoding;
import dev.cadenza.kernel.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SerMainTest {

  @TempDir private Path dir;
  private final int threads = Threads.count();

  @AfterEach
  void restoreThreads() {
    Threads.use(threads);
  }

  private record Run(int code, String out, String err) {
    List<String> problems() {
      return err.lines().toList();
    }
  }

  private static Run run(Object... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        SerMain.run(
            new PrintWriter(out, true),
            new PrintWriter(err, true),
            Arrays.stream(args).map(Object::toString).toArray(String[]::new));
    return new Run(code, out.toString(), err.toString());
  }

  private Path model() throws IOException {
    Path file = dir.resolve("model.safetensors");
    Tiny.model().save(file);
    return file;
  }

  private Path wav(String name, double seconds) throws IOException {
    Path file = Files.createDirectories(dir.resolve("wav")).resolve(name);
    AudioFile.writeWav(file, Tiny.tone(seconds, 0.5), WavEncoding.PCM_16);
    return file;
  }

  private Path file(String name, byte[] bytes) throws IOException {
    return Files.write(Files.createDirectories(dir.resolve("wav")).resolve(name), bytes);
  }

  @Test
  void summary_prints_the_layers() {
    Run two = run("summary", "--preset", "two-branch");
    assertThat(two.code).isZero();
    assertThat(two.out).contains("fc1_linear", "total 248,488 parameters");
    assertThat(run("summary", "--preset", "PARALLEL").out).contains("total 395,176 parameters");
  }

  @Test
  void wrong_usage_is_one_line_and_code_2() {
    assertThat(run("summary", "--preset", "x"))
        .isEqualTo(
            new Run(
                2,
                "",
                line(
                    "Invalid value for option '--preset': 'x' is none of parallel, two-branch"
                        + " (see cadenza-ser summary --help)")));
    assertThat(run("train", "--protocol", "speakers").err)
        .isEqualTo(
            line(
                "Invalid value for option '--protocol': 'speakers' is none of random, speaker,"
                    + " speaker-emobox, speaker-loso (see cadenza-ser train --help)"));
    assertThat(run("train", "--augment", "noise,echo").err)
        .isEqualTo(
            line(
                "Invalid value for option '--augment': 'echo' is none of vtlp, pitch, speed, tempo,"
                    + " shift, room, noise, specaugment (see cadenza-ser train --help)"));
    assertThat(run("predict"))
        .isEqualTo(
            new Run(
                2,
                "",
                line(
                    "Missing required options and parameters: '--model=FILE', 'PATH'"
                        + " (see cadenza-ser predict --help)")));
    assertThat(run("dance").problems()).hasSize(1);
    assertThat(run("train", "--threads", "0"))
        .isEqualTo(
            new Run(2, "", line("--threads is 0, expected 1 or more (see cadenza-ser --help)")));
  }

  private static String line(String text) {
    return "cadenza-ser: " + text + System.lineSeparator();
  }

  @Test
  void help_and_version_are_there() throws IOException {
    assertThat(run().out).contains("summary", "train", "evaluate", "predict");
    assertThat(run("train", "--help").out)
        .contains("--protocol", "--resume", "--augment")
        .contains(Stream.of(Augment.Kind.values()).map(Augment.Kind::toString).toList());
    assertThat(run("--version").out.strip()).matches("cadenza-ser \\d+\\.\\d+\\.\\d+.*");
  }

  @Test
  void predict_gives_label_probabilities_length_and_warnings() throws IOException {
    Path good = wav("good.wav", 3);
    Path brief = wav("short.wav", 1.1);
    Run run = run("predict", "--model", model(), good, brief);
    assertThat(run.code).isZero();
    assertThat(run.err).isEmpty();
    List<String> lines = run.out.lines().toList();
    assertThat(lines).hasSize(5);
    String labels = String.join("|", Emotion.texts());
    assertThat(lines.get(0)).matches(".*good\\.wav \\(3\\.00 s\\): (" + labels + ")");
    String percents =
        String.join("  ", Emotion.texts().stream().map(e -> e + " \\d+\\.\\d %").toList());
    assertThat(lines.get(1)).matches("  " + percents);
    assertThat(lines.get(4))
        .isEqualTo("  warning: too short: of the 1.0 s that the model listens to 0.20 s are there");
  }

  @Test
  void predict_prints_json() throws IOException {
    Path good = wav("good.wav", 3);
    Run run = run("predict", "--json", "--model", model(), good, dir.resolve("no.wav"));
    assertThat(run.code).isEqualTo(1);
    PredictCommand.Results results = Json.read(run.out, PredictCommand.Results.class);
    assertThat(results.predictions()).hasSize(1);
    PredictCommand.Prediction prediction = results.predictions().get(0);
    assertThat(prediction.file()).isEqualTo(good.toString());
    assertThat(prediction.seconds()).isEqualTo(3);
    assertThat(prediction.probabilities().keySet()).containsExactlyElementsOf(Emotion.texts());
    assertThat(prediction.probabilities().get(prediction.label()))
        .isEqualTo(prediction.probabilities().values().stream().max(Double::compare).orElseThrow());
    assertThat(results.failures())
        .containsExactly(
            new PredictCommand.Failure(
                dir.resolve("no.wav").toString(),
                dir.resolve("no.wav") + ": there is no such file"));
  }

  @Test
  void predict_takes_what_is_audio_in_a_folder() throws IOException {
    wav("b.wav", 3);
    wav("a.WAV", 3);
    file("notes.txt", new byte[1]);
    file("._a.wav", new byte[1]);
    Run run = run("predict", "--model", model(), dir.resolve("wav"));
    assertThat(run.code).isZero();
    assertThat(run.out.lines().filter(l -> !l.startsWith(" ")))
        .hasSize(2)
        .first()
        .asString()
        .contains("a.WAV");
  }

  @Test
  void each_bad_file_is_one_line_and_the_good_ones_are_done() throws IOException {
    Path good = wav("good.wav", 3);
    byte[] bytes = Files.readAllBytes(good);
    Path text = file("text.wav", "hello, world".getBytes(StandardCharsets.US_ASCII));
    Path empty = file("empty.wav", new byte[0]);
    Path cut = file("cut.wav", Arrays.copyOf(bytes, 30));
    byte[] lying = bytes.clone();
    Arrays.fill(lying, 16, 20, (byte) 0x7f);
    Path lies = file("lies.wav", lying);
    byte[] id3 = Arrays.copyOf("ID3".getBytes(StandardCharsets.US_ASCII), 4000);
    id3[3] = 3;
    Path mp3 = file("song.mp3", id3);
    Path missing = dir.resolve("missing.wav");
    Path folder = Files.createDirectory(dir.resolve("nothing"));

    Run run =
        run("predict", "--model", model(), text, empty, good, cut, lies, mp3, missing, folder);
    assertThat(run.code).isEqualTo(1);
    assertThat(run.out.lines()).hasSize(2).first().asString().contains("good.wav (3.00 s): ");
    assertThat(run.problems())
        .containsExactly(
            "cadenza-ser: "
                + text
                + ": starts with \"hell\", expected WAV, W64, FLAC, AIFF or AU (at byte 0)",
            "cadenza-ser: " + empty + ": the file is empty, expected audio (at byte 0)",
            "cadenza-ser: "
                + cut
                + ": the header is cut: its \"fmt \" chunk says 16 bytes, the file holds 10"
                + " (at byte 20)",
            "cadenza-ser: "
                + lies
                + ": the header is cut: its \"fmt \" chunk says 2139062143 bytes, the file holds "
                + (bytes.length - 20)
                + " (at byte 20)",
            "cadenza-ser: "
                + mp3
                + ": MP3 audio that no javax.sound provider on the classpath reads,"
                + " expected WAV, W64, FLAC, AIFF or AU (at byte 0)",
            "cadenza-ser: " + missing + ": there is no such file",
            "cadenza-ser: " + folder + ": there is no audio file in this folder");
  }

  @Test
  void what_is_no_model_is_one_line() throws IOException {
    Path wav = wav("x.wav", 3);
    assertThat(run("predict", "--model", wav, wav).problems())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("cadenza-ser: " + wav + ": ");
    assertThat(run("evaluate", "--model", dir.resolve("no"), "--data", dir))
        .isEqualTo(new Run(1, "", line(dir.resolve("no") + ": there is no such file")));
    assertThat(run("evaluate", "--model", model()))
        .isEqualTo(
            new Run(1, "", line("--data is missing: " + model() + " was trained on tiny corpus")));
  }

  @Test
  void debug_adds_the_stack_trace() {
    Run run = run("evaluate", "--debug", "--model", dir.resolve("no"));
    assertThat(run.err).contains("there is no such file", "CheckpointException", "\tat ");
  }

  @Test
  void problems_are_one_line_whatever_happened() {
    assertThat(SerMain.problem(new UncheckedIOException(new AccessDeniedException("/x"))))
        .isEqualTo("/x: access is denied");
    assertThat(SerMain.problem(new IOException("a\n  b"))).isEqualTo("a; b");
    assertThat(SerMain.problem(new IllegalStateException("oops")))
        .isEqualTo("unexpected IllegalStateException: oops (--debug shows more)");
    assertThat(SerMain.problem(new NullPointerException()))
        .isEqualTo("unexpected NullPointerException:  (--debug shows more)");
  }

  /** The real network on four actors: train, resume, evaluate, predict. */
  @Test
  void a_run_from_files_to_prediction() throws IOException {
    Path data = dir.resolve("data");
    new SyntheticCorpus(Tiny.names(), Tiny.SEED).write(data);
    Path out = dir.resolve("out");
    List<Object> train = List.of("train", "--data", data, "--out", out, "--threads", "2");
    Run first = run(with(train, "--epochs", 1));
    assertThat(first.err).isEmpty();
    assertThat(first.code).isZero();
    assertThat(first.out)
        .contains(
            "data      " + data + ", 32 clips of 4 actors",
            "split     speaker, fold 1 of 3: ",
            "epoch   1/1  loss ",
            "UAR by actor: ",
            "true \\ predicted",
            "predict --model " + out.resolve("model.safetensors") + " YOUR.wav");
    try (Stream<Path> files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "model.safetensors",
              "last.safetensors",
              "history.json",
              "report.json",
              "report-confusion.png",
              "learning-curves.png");
    }

    assertThat(run(with(train, "--epochs", 2)))
        .isEqualTo(
            new Run(
                1,
                "",
                line(out + ": there is a run already; go on with --resume or give another --out")));
    assertThat(run("train", "--data", data, "--out", dir.resolve("no"), "--resume").err)
        .isEqualTo(line(dir.resolve("no") + ": there is no run to go on with"));
    assertThat(run(with(train, "--epochs", 2, "--resume")).out)
        .contains("resumed   after epoch 1", "epoch   2/2  loss ")
        .doesNotContain("epoch   1/2");
    assertThat(run(with(train, "--epochs", 2, "--resume", "--lr", "0.02")).problems())
        .containsExactly(
            "cadenza-ser: "
                + out.resolve("last.safetensors")
                + ": is of another run: recipe.learningRate was 0.01, is 0.02 now");

    evaluate(data, out);
  }

  private void evaluate(Path data, Path out) throws IOException {
    Path model = out.resolve("model.safetensors");
    Evaluation report = Json.read(Files.readString(out.resolve("report.json")), Evaluation.class);
    Run run = run("evaluate", "--json", "--model", model, "--data", data);
    assertThat(run.code).isZero();
    Evaluation evaluation = Json.read(run.out, Evaluation.class);
    assertThat(evaluation).isEqualTo(report);
    assertThat(Files.readString(out.resolve("evaluation.json"))).isEqualTo(run.out.strip() + "\n");
    assertThat(evaluation.scores().examples()).isEqualTo(evaluation.clips().size());
    assertThat(evaluation.actors().uar()).hasSizeBetween(1, 2);
    assertThat(EmotionModel.load(model).origin().test()).isEqualTo(evaluation.summary());

    Run all = run("evaluate", "--all", "--model", model, "--data", data, "--out", dir.resolve("e"));
    assertThat(all.out).contains("all clips of " + data + ", 32 clips of 4 actors", "32 examples");

    // One clip with other bytes: other data, and no telling what was trained on.
    Path clip = data.resolve("Actor_01/03-01-01-01-01-01-01.wav");
    Files.copy(wav("x.wav", 3), clip, StandardCopyOption.REPLACE_EXISTING);
    assertThat(run("evaluate", "--model", model, "--data", data))
        .isEqualTo(
            new Run(
                1,
                "",
                line(
                    "the data (32 clips of 4 actors) are not those of the training ("
                        + data
                        + ", 32 clips of 4 actors), so that some of its clips may be among them;"
                        + " --all evaluates on all of them")));
  }

  /** The folds of a protocol one after the other, and one report over all their test parts. */
  @Test
  void all_folds_make_one_report() throws IOException {
    Path data = dir.resolve("data");
    new SyntheticCorpus(Tiny.names().stream().filter(name -> name.actor() <= 3).toList(), Tiny.SEED)
        .write(data);
    Path out = dir.resolve("out");
    Run run = run("train", "--data", data, "--out", out, "--epochs", 1, "--fold", "all");
    assertThat(run.err).isEmpty();
    assertThat(run.out).contains("fold 1 of 3", "fold 3 of 3", "24 examples", "UAR by fold: ");
    Evaluation all = Json.read(Files.readString(out.resolve("all-folds.json")), Evaluation.class);
    assertThat(all.clips()).hasSize(24);
    assertThat(all.actors().uar().keySet()).containsExactly(1, 2, 3);
    assertThat(out.resolve("fold-2/model.safetensors")).exists();
  }

  private static Object[] with(List<Object> args, Object... more) {
    return Stream.concat(args.stream(), Stream.of(more)).toArray();
  }
}
