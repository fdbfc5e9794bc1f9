package dev.cadenza.examples.ser;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.feature.FeatureExtractor;
import dev.cadenza.audio.feature.MelConfig;
import dev.cadenza.audio.feature.Npy;
import dev.cadenza.audio.feature.Spectrogram;
import dev.cadenza.audio.picture.Picture;
import dev.cadenza.kernel.Threads;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.DoubleAdder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the features of recordings. */
@Command(
    name = "features",
    description = {
      "Write the features of recordings as NumPy files, float32 of [bins, frames].",
      "Channels are averaged. The folders below a folder are kept below --out.",
      "Files that cannot be used are named on stderr; the others are done all the same."
    })
final class FeaturesCommand implements Callable<Integer> {

  /** A rate that makes sense for every preset, for settings that no file is needed to refuse. */
  private static final int ANY_RATE = 16_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      paramLabel = "P",
      defaultValue = "librosa-mfcc",
      description = "What is computed: ${COMPLETION-CANDIDATES}. ${DEFAULT-VALUE} unless set.")
  private FeaturePreset preset;

  @Option(
      names = "--set",
      paramLabel = "NAME=VALUE",
      description = {
        "Changes a setting of the preset, by its name in Python: --set n_mfcc=40 --set hop_length=256.",
        "Several may be given; a wrong name lists all."
      })
  private final Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--sr",
      paramLabel = "HZ",
      description = "Resample to this rate; each file has its own unless set.")
  private @Nullable Integer sampleRate;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "Folder for NAME.npy, made if it is not there. Files in it are replaced.")
  private Path out;

  @Option(
      names = "--png",
      description = "Draw waveform, spectrogram and features into NAME.png as well.")
  private boolean png;

  @Parameters(
      arity = "1..*",
      paramLabel = "PATH",
      description = "Audio files, or folders of audio files.")
  private List<Path> paths;

  /** What came up that did not stop the program, in the order of the files. */
  private final Map<Path, String> problems = new ConcurrentSkipListMap<>();

  @Override
  public Integer call() throws InterruptedException {
    long started = System.nanoTime();
    Map<Path, Path> targets = targets();
    int unusable = problems.size();
    List<Path> files = List.copyOf(targets.keySet());
    Integer rate = rate();
    PrintWriter screen = spec.commandLine().getOut();
    screen.println("settings  " + firstConfig(files, rate));

    LiveLine line = new LiveLine(screen, Terminal.isLive());
    DoubleAdder seconds = new DoubleAdder();
    List<FeatureExtractor.Failure> failures =
        FeatureExtractor.byRate(own -> config(rate != null ? rate : own))
            .threads(Threads.count())
            .progress((done, of) -> draw(line, done, of, started))
            .each(
                files,
                result -> {
                  write(result, Objects.requireNonNull(targets.get(result.file())));
                  seconds.add(result.audio().seconds());
                });
    line.end(
        summary(files.size() - failures.size(), files.size() + unusable, seconds.sum(), started));
    failures.forEach(f -> problems.put(f.file(), SerMain.problem(f.file(), f.cause())));
    problems.values().forEach(p -> spec.commandLine().getErr().println(SerMain.NAME + ": " + p));
    return failures.isEmpty() && unusable == 0 ? 0 : 1;
  }

  /** From each file to where its features go, but for the ending. */
  private Map<Path, Path> targets() {
    Map<Path, Path> targets = new LinkedHashMap<>();
    Map<Path, Path> owners = new HashMap<>();
    for (Path path : paths) {
      try {
        for (Path file : PredictCommand.files(path)) {
          Path target = target(path, file);
          Path other = targets.containsKey(file) ? null : owners.put(target, file);
          if (other != null) {
            throw new ParameterException(
                spec.commandLine(),
                other + " and " + file + " would both become " + target + ".npy");
          }
          targets.putIfAbsent(file, target);
        }
      } catch (IOException e) {
        problems.put(path, SerMain.problem(path, e));
      }
    }
    return targets;
  }

  private Path target(Path path, Path file) {
    Path below = path.equals(file) ? file.getFileName() : path.relativize(file);
    String name = below.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return out.resolve(below).resolveSibling(dot > 0 ? name.substring(0, dot) : name);
  }

  /** The rate to resample to, however it was given. */
  private @Nullable Integer rate() {
    String set = settings.getOrDefault("sr", settings.get("sample_rate"));
    if (set == null || !set.matches("\\d{1,9}")) {
      return sampleRate; // what is no number is refused with the other settings
    }
    if (sampleRate != null && sampleRate != Integer.parseInt(set)) {
      throw new ParameterException(
          spec.commandLine(), "--sr is " + sampleRate + " and --set sr is " + set);
    }
    return Integer.valueOf(set);
  }

  private MelConfig<?> config(int rate) {
    return preset.at(rate).set(settings);
  }

  /** The features at the first rate there is: refuses bad settings once, not once a file. */
  private MelConfig<?> firstConfig(List<Path> files, @Nullable Integer rate) {
    try {
      return config(rate != null ? rate : firstRate(files));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), preset + ": " + e.getMessage(), e);
    }
  }

  /** The rate of the first file that can be read; the others are named when their turn comes. */
  private static int firstRate(List<Path> files) {
    return files.stream()
        .map(FeaturesCommand::rateOf)
        .flatMapToInt(OptionalInt::stream)
        .findFirst()
        .orElse(ANY_RATE);
  }

  private static OptionalInt rateOf(Path file) {
    try {
      return OptionalInt.of(AudioFile.info(file).sampleRate());
    } catch (IOException e) {
      return OptionalInt.empty();
    }
  }

  private void write(FeatureExtractor.Result result, Path target) throws IOException {
    if (result.features().frames() == 0) {
      throw new IOException(
          "too short for one frame: "
              + result.audio().frames()
              + " samples at "
              + result.audio().sampleRate()
              + " Hz");
    }
    if (!result.warnings().isEmpty()) {
      problems.put(
          result.file(), result.file() + ": warning: " + String.join("; ", result.warnings()));
    }
    Path folder = target.getParent();
    // Asked first, since createDirectories makes an exception for a folder that is there.
    if (folder != null && !Files.isDirectory(folder)) {
      Files.createDirectories(folder);
    }
    Npy.of(result.features()).write(Path.of(target + ".npy"));
    if (png) {
      picture(result).write(Path.of(target + ".png"));
    }
  }

  private static Picture picture(FeatureExtractor.Result result) {
    MelConfig<?> features = (MelConfig<?>) result.transform();
    float[] signal = result.audio().samples();
    Spectrogram spectrogram =
        Spectrogram.librosa(features.sampleRate()).stft(features.mel().stft());
    return Picture.stack(
            Picture.waveform(result.audio()),
            Picture.of(spectrogram, signal),
            Picture.of(features, signal))
        .title(result.file().getFileName().toString());
  }

  private static void draw(LiveLine line, int done, int of, long started) {
    if (line.isDue()) {
      double perSecond = done / seconds(started);
      line.draw(
          String.format(
              Locale.ROOT,
              "features  %s  %d/%d  %.0f files/s  left %.0f s",
              LiveLine.bar((double) done / of),
              done,
              of,
              perSecond,
              (of - done) / perSecond));
    }
  }

  private String summary(int good, int all, double seconds, long started) {
    return String.format(
        Locale.ROOT,
        "features  %d of %d files, %.0f s of sound, in %.2f s: %.0f times real time, to %s",
        good,
        all,
        seconds,
        seconds(started),
        seconds / seconds(started),
        out);
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }
}
