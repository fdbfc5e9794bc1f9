package dev.cadenza.examples.ser;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.Charset;

/** What is known of the place where this program writes to. */
final class Terminal {

  private Terminal() {}

  /** Whether stdout is a terminal that can draw a line again. */
  @SuppressWarnings("SystemConsoleNull") // where it never is null, it is asked
  static boolean isLive() {
    Console console = System.console();
    if (console == null || "dumb".equals(System.getenv("TERM"))) {
      return false;
    }
    try {
      // From Java 22 on there is a console in any case, and it can be asked.
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (NoSuchMethodException e) {
      return true;
    } catch (IllegalAccessException | InvocationTargetException e) {
      return false;
    }
  }

  /** The charset of stdout; from Java 18 on the default charset is another matter. */
  static Charset charset() {
    String name = System.getProperty("stdout.encoding", System.getProperty("native.encoding"));
    return name != null && Charset.isSupported(name)
        ? Charset.forName(name)
        : Charset.defaultCharset();
  }

  /** How this program was called, to be used in advice. */
  static String command() {
    String classPath = System.getProperty("java.class.path", "");
    return classPath.endsWith(".jar") && !classPath.contains(System.getProperty("path.separator"))
        ? "java -jar " + classPath
        : SerMain.NAME;
  }
}
