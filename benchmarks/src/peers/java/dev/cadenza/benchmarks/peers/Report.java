package dev.cadenza.benchmarks.peers;

import dev.cadenza.kernel.Kernels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Puts measured tables on the screen and between the markers of a page. */
final class Report {
  private Report() {}

  /** Adds a line and prints it. */
  static void add(List<String> lines, String line) {
    lines.add(line);
    System.out.println(line);
  }

  /**
   * OpenMP's threads wait for each other spinning: when another program takes a core from one of
   * them, PyTorch becomes slower by up to ten times, in wall and processor time alike.
   */
  static void warnOfLoad() {
    double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    if (load > 0.5) {
      System.err.printf(
          Locale.ROOT,
          "The machine is busy (load %.1f): ratios flatter us. --threads 1 is fairer then, and CPU"
              + " ms say more than ms.%n",
          load);
    }
  }

  /** Milliseconds with three digits. */
  static String ms(double value) {
    int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  static String ratio(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.2f", value);
  }

  /** Replaces what is between {@code <!-- begin NAME -->} and {@code <!-- end NAME -->}. */
  static void write(Path page, String name, List<String> lines, List<String> command) {
    String begin = "<!-- begin " + name + " -->\n";
    String end = "<!-- end " + name + " -->";
    try {
      String text = Files.readString(page);
      int from = text.indexOf(begin);
      int to = text.indexOf(end);
      if (from < 0 || to < from) {
        throw new IllegalArgumentException(
            page + ": there is no place marked '" + begin.strip() + "'");
      }
      String body = String.join("\n", lines) + "\n\n" + machine(command) + "\n";
      Files.writeString(page, text.substring(0, from + begin.length()) + body + text.substring(to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the figures were measured on, and the command that repeats them. */
  private static String machine(List<String> command) {
    String flags =
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
            .filter(a -> a.startsWith("-XX") || a.startsWith("-Dcadenza"))
            .map(a -> a + " ")
            .collect(Collectors.joining());
    return String.format(
            Locale.ROOT,
            "%s, %d processors, %s %s, Java %s, %s kernels; ",
            cpu(),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            System.getProperty("java.version"),
            Kernels.active())
        + System.getProperty("peers.versions")
        + ".\n\n```\njava "
        + flags
        + "@benchmarks/target/peers.args "
        + command.stream()
            .map(word -> word.contains(" ") ? "'" + word + "'" : word)
            .collect(Collectors.joining(" "))
        + "\n```\n";
  }

  private static String cpu() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("CPU unknown");
    } catch (IOException e) {
      return "CPU unknown";
    }
  }
}
