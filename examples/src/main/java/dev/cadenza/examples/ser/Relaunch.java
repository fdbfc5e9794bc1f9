package dev.cadenza.examples.ser;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.lang.module.ModuleFinder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import picocli.CommandLine;

/**
 * Starts this program once more with the flags that bring full speed: a jar cannot ask for the
 * incubating vector module by itself.
 */
final class Relaunch {

  static final String VECTOR_MODULE = "jdk.incubator.vector";

  /** Set in the second process, so that there is no third. */
  private static final String GUARD = "cadenza.relaunched";

  private static final String INCUBATING = "WARNING: Using incubator modules: " + VECTOR_MODULE;

  private static final String KERNELS = "cadenza.kernels";
  private static final int FIRST_TO_WARN_OF_NATIVES = 24;
  private static final Path HUGE_PAGES = Path.of("/sys/kernel/mm/transparent_hugepage/enabled");

  private Relaunch() {}

  /**
   * The same command in a second process, if this one lacks what it needs.
   *
   * @return its exit code; empty if this process will do
   */
  static OptionalInt fromHere(Class<?> main, String... arguments) {
    boolean present = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    boolean available = ModuleFinder.ofSystem().find(VECTOR_MODULE).isPresent();
    boolean unwanted = "portable".equalsIgnoreCase(System.getProperty(KERNELS));
    if (present || !available || unwanted || System.getProperty(GUARD) != null) {
      return OptionalInt.empty();
    }
    List<String> jvmArguments = new ArrayList<>(hugePages(read(HUGE_PAGES)));
    jvmArguments.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    List<String> command =
        command(
            System.getProperty("java.home"),
            jvmArguments,
            System.getProperty("java.class.path"),
            Runtime.version().feature(),
            main.getName(),
            arguments);
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(Redirect.INHERIT)
              .redirectOutput(Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      return OptionalInt.empty(); // then slowly, in this process
    }
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "stop-second-process"));
    try {
      copyProblems(process.getErrorStream(), System.err);
      return OptionalInt.of(process.waitFor());
    } catch (IOException e) {
      return OptionalInt.of(CommandLine.ExitCode.SOFTWARE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return OptionalInt.of(CommandLine.ExitCode.SOFTWARE);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return ""; // not on Linux
    }
  }

  /**
   * A process that is over in seconds spends a quarter of them on getting its heap page by page, at
   * 4 KB each. Java complains where the system has no larger ones to give.
   *
   * @param modes as Linux lists them, the one that holds in brackets
   */
  static List<String> hugePages(String modes) {
    return modes.isBlank() || modes.contains("[never]")
        ? List.of()
        : List.of("-XX:+UseTransparentHugePages");
  }

  /**
   * Java 17 compiles the vector loops well only with full type profiles, which a busy start
   * withholds, and with calls inlined whose receiver is almost always of one type.
   */
  static final List<String> KEEP_VECTORS_IN_REGISTERS =
      List.of(
          "-XX:+IgnoreUnrecognizedVMOptions",
          "-XX:Tier3DelayOn=1000",
          "-XX:TypeProfileMajorReceiverPercent=10");

  /**
   * Arrays here are large, short-lived and many. A small part of the heap, used over and over, then
   * costs fewer pages than one that grows, and nobody notices a pause.
   */
  static final List<String> SMALL_YOUNG_GENERATION =
      List.of("-XX:+UseParallelGC", "-XX:-UseAdaptiveSizePolicy");

  private static final Pattern COLLECTOR = Pattern.compile("-XX:\\+Use\\w+GC");

  /**
   * The command line of the second process.
   *
   * @param jvmArguments of this process: {@code -X}, {@code -D} and the like
   * @param release of Java, like 17
   */
  static List<String> command(
      String javaHome,
      List<String> jvmArguments,
      String classPath,
      int release,
      String main,
      String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(javaHome, "bin", "java").toString());
    if (jvmArguments.stream().noneMatch(COLLECTOR.asMatchPredicate())) { // Java takes only one
      command.addAll(SMALL_YOUNG_GENERATION);
    }
    jvmArguments.stream().filter(argument -> !isDebugger(argument)).forEach(command::add);
    command.add("--add-modules=" + VECTOR_MODULE);
    command.addAll(KEEP_VECTORS_IN_REGISTERS);
    if (release >= FIRST_TO_WARN_OF_NATIVES) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.add("-D" + GUARD + "=true");
    command.add("-cp");
    command.add(classPath);
    command.add(main);
    command.addAll(List.of(arguments));
    return command;
  }

  /** Passes on all but the line that Java prints first wherever a module is incubating. */
  static void copyProblems(InputStream from, OutputStream to) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int c = from.read();
    while (c >= 0 && c != '\n') {
      line.write(c);
      c = from.read();
    }
    if (!line.toString(StandardCharsets.UTF_8).strip().equals(INCUBATING)) {
      line.writeTo(to);
      if (c >= 0) {
        to.write(c);
      }
    }
    from.transferTo(to);
  }

  /** Two processes cannot listen on one port. */
  private static boolean isDebugger(String argument) {
    String lower = argument.toLowerCase(Locale.ROOT);
    return lower.startsWith("-agentlib:jdwp") || lower.startsWith("-xrunjdwp");
  }
}
