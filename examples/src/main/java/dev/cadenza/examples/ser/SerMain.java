package dev.cadenza.examples.ser;

import dev.cadenza.kernel.Threads;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/**
 * The program: trains, evaluates and uses the speech-emotion networks. Results go to stdout,
 * problems to stderr, one line each. Exit codes: 0 success, 1 failure, 2 wrong usage.
 */
@Command(
    name = SerMain.NAME,
    description = "Speech emotion recognition: train, evaluate and use a network.",
    subcommands = {
      SummaryCommand.class,
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      FeaturesCommand.class
    },
    mixinStandardHelpOptions = true,
    versionProvider = SerMain.Version.class,
    scope = ScopeType.INHERIT,
    sortOptions = false,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true)
public final class SerMain implements Runnable {

  static final String NAME = "cadenza-ser";

  private static final String HEADLESS = "java.awt.headless";

  @Spec private CommandSpec spec;

  @Option(
      names = "--threads",
      paramLabel = "N",
      scope = ScopeType.INHERIT,
      description = "Threads that compute; results do not depend on it. All processors unless set.")
  private @Nullable Integer threads;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  static {
    // Pictures need no display; where the user says nothing, none is looked for.
    if (System.getProperty(HEADLESS) == null) {
      System.setProperty(HEADLESS, "true");
    }
  }

  private SerMain() {}

  /** Runs a command and ends the virtual machine. */
  public static void main(String[] args) {
    int code = Relaunch.fromHere(SerMain.class, args).orElseGet(() -> runOnStreams(args));
    System.exit(code);
  }

  private static int runOnStreams(String[] args) {
    Charset charset = Terminal.charset();
    PrintWriter out = new PrintWriter(System.out, true, charset);
    PrintWriter err = new PrintWriter(System.err, true, charset);
    try {
      return run(out, err, args);
    } catch (OutOfMemoryError e) {
      long megabytes = Runtime.getRuntime().maxMemory() >> 20;
      err.println(
          NAME + ": out of memory with " + megabytes + " MB; give more, like java -Xmx8g -jar ...");
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** Runs a command; returns the exit code. */
  static int run(PrintWriter out, PrintWriter err, String... args) {
    SerMain main = new SerMain();
    CommandLine commandLine = new CommandLine(main);
    commandLine.setOut(out).setErr(err);
    choice(commandLine, Preset.class);
    choice(commandLine, FeaturePreset.class);
    choice(commandLine, Protocol.class);
    choice(commandLine, Recipe.OptimizerKind.class);
    choice(commandLine, Recipe.ScheduleKind.class);
    commandLine.registerConverter(Augment.class, SerMain::augment);
    commandLine.setExecutionStrategy(main::execute);
    commandLine.setParameterExceptionHandler((e, arguments) -> main.wrongUsage(e));
    commandLine.setExecutionExceptionHandler((e, command, parsed) -> main.failed(e, command));
    return commandLine.execute(args);
  }

  /** Constants are written like {@code two-branch}. */
  private static <E extends Enum<E>> void choice(CommandLine commandLine, Class<E> type) {
    Map<String, E> constants = new LinkedHashMap<>();
    for (E constant : type.getEnumConstants()) {
      constants.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
    }
    commandLine.registerConverter(
        type,
        text -> {
          E constant = constants.get(text.toLowerCase(Locale.ROOT));
          if (constant == null) {
            throw new TypeConversionException(
                "'" + text + "' is none of " + String.join(", ", constants.keySet()));
          }
          return constant;
        });
  }

  private static Augment augment(String text) {
    try {
      return Augment.parse(text);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(oneLine(e.getMessage()));
    }
  }

  /** Without a command there is help. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private int execute(ParseResult parsed) {
    if (threads != null) {
      if (threads < 1) {
        throw new ParameterException(
            spec.commandLine(), "--threads is " + threads + ", expected 1 or more");
      }
      Threads.use(threads);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private int wrongUsage(ParameterException e) {
    CommandLine command = e.getCommandLine();
    command
        .getErr()
        .println(
            NAME
                + ": "
                + oneLine(e.getMessage())
                + " (see "
                + command.getCommandSpec().qualifiedName()
                + " --help)");
    return CommandLine.ExitCode.USAGE;
  }

  private int failed(Exception e, CommandLine command) {
    command.getErr().println(NAME + ": " + problem(e));
    if (debug) {
      e.printStackTrace(command.getErr());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  /** What is wrong with a file, in one line that begins with its name. */
  static String problem(Path file, Throwable e) {
    String problem = problem(e);
    return problem.startsWith(file.toString()) ? problem : file + ": " + problem;
  }

  /** What is wrong, in one line for the user. */
  static String problem(Throwable e) {
    if (e instanceof UncheckedIOException && e.getCause() != null) {
      return problem(e.getCause());
    }
    if (e instanceof NoSuchFileException missing) {
      return missing.getFile() + ": there is no such file";
    }
    if (e instanceof AccessDeniedException denied) {
      return denied.getFile() + ": access is denied";
    }
    if (e instanceof FileAlreadyExistsException there) {
      return there.getFile() + ": is a file, expected a folder";
    }
    String message = oneLine(e.getMessage());
    boolean expected =
        e instanceof IOException
            || e instanceof IllegalArgumentException
            || e instanceof ArithmeticException;
    if (e instanceof FileNotFoundException || e instanceof FileSystemException) {
      return "file problem: " + message;
    }
    return expected && !message.isEmpty()
        ? message
        : "unexpected " + e.getClass().getSimpleName() + ": " + message + " (--debug shows more)";
  }

  private static String oneLine(@Nullable String message) {
    return message == null ? "" : message.strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  /** The version of this build. */
  static final class Version implements CommandLine.IVersionProvider {
    static String text() throws IOException {
      try (InputStream in = SerMain.class.getResourceAsStream("version.properties")) {
        Properties properties = new Properties();
        properties.load(in);
        return properties.getProperty("version");
      }
    }

    @Override
    public String[] getVersion() throws IOException {
      return new String[] {NAME + " " + text()};
    }
  }
}
