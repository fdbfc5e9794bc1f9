package dev.cadenza.benchmarks.peers;

import static dev.cadenza.benchmarks.peers.Library.CADENZA;
import static dev.cadenza.benchmarks.peers.Library.DJL;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What training takes: the resident peak of a process of its own for each library, the heap in it,
 * and what of the rest came after the library was ready.
 */
final class Memory {
  private static final int STEPS = 20;

  /** All of it touched from the start, so that the rest of the process is what it does not hold. */
  private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g", "-XX:+AlwaysPreTouch");

  private static final List<String> JOBS =
      List.of("train two-branch 32", "train two-branch 256", "train parallel 32");

  /** In MB. */
  private record Peak(long resident, long heap, long ready) {}

  private Memory() {}

  static List<String> table(int threads) {
    List<String> lines = new ArrayList<>();
    Report.add(
        lines,
        "| job | library | resident peak, MB | of it heap | off the heap | before the first step |");
    Report.add(lines, "|---|---|---|---|---|---|");
    for (String job : JOBS) {
      for (Library library : List.of(CADENZA, DJL)) {
        Peak p = ofProcess(library, job, threads);
        Report.add(
            lines,
            String.format(
                Locale.ROOT,
                "| %s | %s | %d | %d | **%d** | %d |",
                job,
                library.title(),
                p.resident(),
                p.heap(),
                p.resident() - p.heap(),
                p.ready()));
      }
    }
    return lines;
  }

  private static Peak ofProcess(Library library, String job, int threads) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> !argument.startsWith("-Xm"))
        .forEach(command::add);
    command.addAll(HEAP);
    command.add("-Dcadenza.threads=" + threads);
    command.add("-Dai.djl.pytorch.num_threads=" + threads);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Memory.class.getName()));
    command.addAll(List.of(library.name(), job));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      String[] numbers = out.strip().substring(out.strip().lastIndexOf('\n') + 1).split(" ", 3);
      if (process.waitFor() != 0 || numbers.length != 3) {
        throw new IllegalStateException("memory: " + library + " failed at " + job + ": " + out);
      }
      return new Peak(
          Long.parseLong(numbers[0]), Long.parseLong(numbers[1]), Long.parseLong(numbers[2]));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("memory: interrupted", e);
    }
  }

  /** The process that is measured: {@code LIBRARY JOB}. */
  public static void main(String[] args) {
    long ready;
    try (Contender contender = Library.valueOf(args[0]).prepare(Job.parse(args[1]), false)) {
      ready = megabytes("VmHWM:") - heap();
      for (int step = 0; step < STEPS; step++) {
        contender.run();
      }
    }
    System.out.println(megabytes("VmHWM:") + " " + heap() + " " + ready); // the last line of all
  }

  private static long heap() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() >> 20;
  }

  /** A line of the kernel's account of this process. */
  private static long megabytes(String line) {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/status"))) {
      String kilobytes = lines.filter(l -> l.startsWith(line)).findFirst().orElseThrow();
      return Long.parseLong(kilobytes.replaceAll("\\D", "")) >> 10;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
