package dev.cadenza.benchmarks.peers;

import static dev.cadenza.benchmarks.peers.Library.CADENZA;
import static dev.cadenza.benchmarks.peers.Library.DJL;
import static dev.cadenza.benchmarks.peers.Library.DL4J;
import static dev.cadenza.benchmarks.peers.Library.ONNX;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures Cadenza beside other libraries and prints their ratios. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = "Checks that the libraries agree, then measures them in turns.")
public final class Compare implements Callable<Integer> {
  /**
   * A job and whom to do it with.
   *
   * @param target the ratio of our time to the first peer's that is aimed at
   * @param floor the ratio that must be reached
   */
  private record Entry(String job, double target, double floor, List<Library> peers) {
    static Entry of(String job, double target, double floor, Library... peers) {
      return new Entry(job, target, floor, List.of(peers));
    }

    static Entry layer(String layer, Library... peers) {
      return of("layer " + layer, 1, 1.3, peers);
    }
  }

  /** How often a peer is asked before it disagrees. */
  private static final int ATTEMPTS = 5;

  private static final Map<String, List<Entry>> TABLES =
      Map.of(
          "networks",
          List.of(
              Entry.of("train two-branch 32", 0.30, 0.60, DJL),
              Entry.of("train parallel 32", 0.35, 0.65, DJL),
              Entry.of("predict two-branch 32", 0.75, 1.2, ONNX, DJL),
              Entry.of("predict two-branch 1", 0.75, 1.3, ONNX, DJL),
              Entry.of("predict parallel 32", 0.75, 1.2, ONNX, DJL),
              Entry.of("predict parallel 1", 0.75, 1.3, ONNX, DJL)),
          "layers",
          List.of(
              Entry.layer("ConvBlock 1 16 2 2 on 32x1x40x282", DJL, DL4J),
              Entry.layer("ConvBlock 16 32 4 4 on 32x16x20x141", DJL, DL4J),
              Entry.layer("ConvBlock 32 64 4 4 on 32x32x5x35", DJL, DL4J),
              Entry.layer("ConvBlock 1 16 2 2 on 32x1x128x563", DJL, DL4J),
              Entry.layer("ConvBlock 16 32 4 4 on 32x16x64x281", DJL, DL4J),
              Entry.layer("ConvBlock 32 64 4 4 on 32x32x16x70", DJL, DL4J),
              Entry.layer("ConvBlock 64 64 4 4 on 32x64x4x17", DJL, DL4J),
              Entry.layer("Conv2d 16 32 on 32x16x20x141", DJL, DL4J),
              Entry.layer("BatchNorm2d 32 on 32x32x20x141", DJL, DL4J),
              Entry.layer("ReLU on 32x32x20x141", DJL, DL4J),
              Entry.layer("MaxPool2d 4 4 on 32x32x20x141", DJL, DL4J),
              Entry.layer("Dropout on 32x70x512", DJL),
              Entry.layer("Linear 40 512 on 32x70x40", DJL, DL4J),
              Entry.layer("Linear 1064 8 on 32x1064", DJL, DL4J),
              Entry.layer("LayerNorm 40 on 32x70x40", DJL),
              Entry.layer("LayerNorm 64 on 32x140x64", DJL),
              Entry.layer("MultiHeadAttention 40 4 on 32x70x40", DJL),
              Entry.layer("MultiHeadAttention 64 4 on 32x140x64", DJL),
              Entry.layer("FeedForward 40 512 on 32x70x40", DJL),
              Entry.layer("EncoderLayer 40 4 512 on 32x70x40", DJL),
              Entry.layer("EncoderLayer 64 4 512 on 32x140x64", DJL),
              Entry.layer("Softmax on 32x8", DJL),
              Entry.layer("CrossEntropy on 32x8", DJL)),
          "awkward",
          List.of(
              Entry.layer("ConvBlock 3 13 3 5 on 7x3x41x97", DJL),
              Entry.layer("Conv2d 7 13 on 1x7x13x1021", DJL),
              Entry.layer("Linear 207 1021 on 13x207", DJL),
              Entry.layer("LayerNorm 207 on 13x7x207", DJL),
              Entry.layer("MultiHeadAttention 39 3 on 7x13x39", DJL),
              Entry.layer("EncoderLayer 21 3 207 on 7x41x21", DJL),
              Entry.layer("Softmax on 13x1021", DJL)),
          "large",
          List.of(
              Entry.layer("Conv2d 64 64 on 16x64x56x56", DJL),
              Entry.layer("Linear 1024 4096 on 128x1024", DJL),
              Entry.layer("MultiHeadAttention 512 8 on 8x512x512", DJL)));

  @Parameters(
      paramLabel = "WHAT",
      description =
          "networks, layers, awkward, large, scaling, memory, or jobs such as 'train two-branch"
              + " 32', 'predict parallel 1', 'layer Linear 7 13 on 1021x7'. Default: networks.")
  private List<String> what = List.of("networks");

  @Option(
      names = "--rounds",
      description = "Measured iterations of each library. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  @Option(names = "--seconds", description = "Length of an iteration. Default: ${DEFAULT-VALUE}.")
  private double seconds = 1;

  @Option(names = "--threads", description = "Threads of every library. Default: all.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--docs",
      description = "A folder: tables go into its performance.md, plots and their data beside it.")
  private @Nullable Path docs;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    CommandLine commandLine = new CommandLine(new Compare());
    commandLine.setExecutionExceptionHandler(
        (e, command, parsed) -> {
          if (!(e instanceof IllegalStateException)) {
            throw e;
          }
          command.getErr().println(e.getMessage()); // libraries that disagree
          return 1;
        });
    System.exit(commandLine.execute(args));
  }

  @Override
  public Integer call() {
    Report.warnOfLoad();
    Race race = new Race(rounds, seconds, threads);
    for (String name : what) {
      List<Entry> entries = TABLES.get(name);
      if (name.equals("scaling")) {
        new Scaling(race).run(docs == null ? Path.of("") : docs);
      } else if (entries != null || name.equals("memory")) {
        List<String> table = entries == null ? Memory.table(threads) : table(race, entries);
        if (docs != null) {
          List<String> command = spec.commandLine().getParseResult().originalArgs();
          Report.write(docs.resolve("performance.md"), name, table, command);
        }
      } else {
        Library peer = Job.parse(name).kind() == Job.Kind.PREDICT ? ONNX : DJL;
        table(race, List.of(Entry.of(name, Double.NaN, Double.NaN, peer)));
      }
    }
    return 0;
  }

  /** Prints a table while it grows. */
  private static List<String> table(Race race, List<Entry> entries) {
    List<String> lines = new ArrayList<>();
    Report.add(
        lines,
        "| job | Cadenza, ms | peer | its ms | ratio | target | floor | CPU ms | its CPU ms |"
            + " differ by |");
    Report.add(lines, "|---|---|---|---|---|---|---|---|---|---|");
    for (Entry entry : entries) {
      Job job = Job.parse(entry.job());
      List<Double> differences =
          entry.peers().stream().map(peer -> difference(job, entry.job(), peer)).toList();
      List<Race.Time> times =
          race.run(entry.job(), Stream.concat(Stream.of(CADENZA), entry.peers().stream()).toList());
      Race.Time ours = times.get(0);
      for (int i = 0; i < entry.peers().size(); i++) {
        Library peer = entry.peers().get(i);
        Race.Time theirs = times.get(i + 1);
        Report.add(
            lines,
            String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s | **%.2f** | %s | %s | %s | %s | %s |",
                entry.job(),
                Report.ms(ours.wall()),
                peer.title(),
                Report.ms(theirs.wall()),
                ours.wall() / theirs.wall(),
                i == 0 || peer == DL4J ? Report.ratio(entry.target()) : "",
                i == 0 ? Report.ratio(entry.floor()) : "",
                Report.ms(ours.cpu()),
                Report.ms(theirs.cpu()),
                Double.isNaN(differences.get(i))
                    ? "itself"
                    : String.format(Locale.ROOT, "%.0e", differences.get(i))));
      }
    }
    return lines;
  }

  /**
   * How far the results of a peer are from ours; NaN if it contradicts itself in all attempts. On
   * two threads, PyTorch 2.7's gradient of the input of a convolution to 13 channels changes from
   * call to call, is NaN in some of them and ours in others.
   */
  private static double difference(Job job, String name, Library peer) {
    try (Contender ours = CADENZA.prepare(job, true);
        Contender theirs = peer.prepare(job, true)) {
      String title = name + ", " + peer.title();
      Map<String, float[]> values = ours.values();
      Map<String, float[]> answer = theirs.values();
      boolean constant = true;
      for (int attempt = 1; attempt < ATTEMPTS && !agree(values, answer); attempt++) {
        System.err.println(title + ": differs, asked again");
        Map<String, float[]> another = theirs.values();
        constant &= agree(answer, another);
        answer = another;
      }
      if (!constant && !agree(values, answer)) {
        System.err.println(title + ": contradicts itself, its results are not compared");
        return Double.NaN;
      }
      return Agreement.require(title, values, answer);
    }
  }

  private static boolean agree(Map<String, float[]> a, Map<String, float[]> b) {
    try {
      Agreement.require("", a, b);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }
}
