package dev.cadenza.benchmarks.peers;

import dev.cadenza.benchmarks.CpuTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Runs a job in one JMH fork that the libraries share, iteration by iteration in turns.
 *
 * @param rounds measured iterations of each library; twice as many warm it up, since the compiler
 *     of the JVM competes for the processors as long as it has work
 * @param seconds the length of an iteration
 * @param threads of every library
 */
record Race(int rounds, double seconds, int threads) {
  /** Milliseconds for one run of a job: the best iteration's wall and processor time. */
  record Time(double wall, double cpu) {
    static Time best(List<Time> times) {
      return new Time(
          times.stream().mapToDouble(Time::wall).min().orElseThrow(),
          times.stream().mapToDouble(Time::cpu).min().orElseThrow());
    }
  }

  /** The best time of each library, in their order. */
  List<Time> run(String job, List<Library> libraries) {
    TimeValue time = TimeValue.milliseconds(Math.round(seconds * 1000));
    Options options =
        new OptionsBuilder()
            .include(PeerBenchmark.class.getName() + ".run")
            .param("job", job)
            .param(
                "libraries",
                libraries.stream()
                    .map(l -> l.name().toLowerCase(Locale.ROOT))
                    .collect(Collectors.joining("+")))
            .forks(1)
            .jvmArgsAppend(
                "-Dcadenza.threads=" + threads, "-Dai.djl.pytorch.num_threads=" + threads)
            .warmupIterations(2 * rounds * libraries.size())
            .warmupTime(time)
            .measurementIterations(rounds * libraries.size())
            .measurementTime(time)
            .addProfiler(CpuTime.class)
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    List<List<Time>> times =
        libraries.stream().<List<Time>>map(library -> new ArrayList<>()).toList();
    int turn = 0;
    for (IterationResult r : iterations(options)) {
      double cpu =
          Objects.requireNonNull(r.getSecondaryResults().get(CpuTime.LABEL), CpuTime.LABEL)
              .getScore();
      times.get(turn++ % times.size()).add(new Time(r.getPrimaryResult().getScore(), cpu));
    }
    return times.stream().map(Time::best).toList();
  }

  private static List<IterationResult> iterations(Options options) {
    try {
      return new Runner(options)
          .runSingle().getBenchmarkResults().stream()
              .flatMap(fork -> fork.getIterationResults().stream())
              .toList();
    } catch (RunnerException e) {
      throw new IllegalStateException("race: JMH failed", e);
    }
  }
}
