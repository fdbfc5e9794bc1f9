package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelaunchTest {

  private static final String JAVA = Path.of("/jdk", "bin", "java").toString();

  @Test
  void keeps_the_arguments_and_adds_the_module() {
    assertThat(
            Relaunch.command(
                "/jdk",
                List.of("-Xmx8g", "-Dx=a b", "-agentlib:jdwp=address=5005"),
                "ser.jar",
                17,
                "Main",
                "predict",
                "my file.wav"))
        .containsExactly(
            JAVA,
            "-XX:+UseParallelGC",
            "-XX:-UseAdaptiveSizePolicy",
            "-Xmx8g",
            "-Dx=a b",
            "--add-modules=jdk.incubator.vector",
            "-XX:+IgnoreUnrecognizedVMOptions",
            "-XX:Tier3DelayOn=1000",
            "-XX:TypeProfileMajorReceiverPercent=10",
            "-Dcadenza.relaunched=true",
            "-cp",
            "ser.jar",
            "Main",
            "predict",
            "my file.wav");
  }

  @Test
  void leaves_the_collector_to_who_has_named_one() {
    assertThat(Relaunch.command("/jdk", List.of("-XX:+UseZGC"), "ser.jar", 17, "Main"))
        .contains("-XX:+UseZGC")
        .doesNotContainAnyElementsOf(Relaunch.SMALL_YOUNG_GENERATION);
  }

  @Test
  void answers_the_warnings_of_newer_releases() {
    List<String> flags =
        List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    assertThat(Relaunch.command("/jdk", List.of(), "ser.jar", 23, "Main"))
        .doesNotContainAnyElementsOf(flags);
    assertThat(Relaunch.command("/jdk", List.of(), "ser.jar", 24, "Main"))
        .containsSubsequence("--add-modules=jdk.incubator.vector", flags.get(0), flags.get(1));
  }

  @Test
  void asks_for_large_pages_only_where_there_are_some() {
    List<String> flag = List.of("-XX:+UseTransparentHugePages");
    assertThat(Relaunch.hugePages("always [madvise] never\n")).isEqualTo(flag);
    assertThat(Relaunch.hugePages("[always] madvise never\n")).isEqualTo(flag);
    assertThat(Relaunch.hugePages("always madvise [never]\n")).isEmpty();
    assertThat(Relaunch.hugePages("")).isEmpty();
  }

  @Test
  void is_not_needed_where_the_module_is() {
    // The tests run with it.
    assertThat(Relaunch.fromHere(SerMain.class, "--version")).isEmpty();
  }

  @Test
  void passes_on_problems_but_not_the_warning_of_the_incubator() throws IOException {
    String incubator = "WARNING: Using incubator modules: jdk.incubator.vector";
    assertThat(copied(incubator + "\nfirst\nsecond\n")).isEqualTo("first\nsecond\n");
    assertThat(copied(incubator + "\r\nfirst")).isEqualTo("first");
    assertThat(copied("first\n" + incubator + "\n")).isEqualTo("first\n" + incubator + "\n");
    assertThat(copied("no end of line")).isEqualTo("no end of line");
    assertThat(copied("")).isEmpty();
  }

  private static String copied(String text) throws IOException {
    ByteArrayOutputStream to = new ByteArrayOutputStream();
    Relaunch.copyProblems(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), to);
    return to.toString(StandardCharsets.UTF_8);
  }
}
