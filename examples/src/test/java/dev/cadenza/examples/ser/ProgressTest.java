package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.train.Trainer;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressTest {

  private static String shown(boolean live) {
    StringWriter text = new StringWriter();
    Progress progress = new Progress(new PrintWriter(text), live, 40);
    progress.begin(64);
    progress.step(0, new Trainer.Scores(1, 32, 2.125, 0.25));
    progress.end(new EpochScores(1, 2, 0.5, 1.5, 0.25, 0.125), System.nanoTime(), true);
    return text.toString();
  }

  @Test
  void a_file_gets_a_line_an_epoch() {
    assertThat(shown(false))
        .matches(
            "epoch   1/40  loss 2\\.0000  acc  50\\.0 %  validation: loss 1\\.5000  acc  25\\.0 %"
                + "  UAR  12\\.5 %  \\d+ clips/s  left \\d+:\\d\\d  best\\R");
  }

  @Test
  void a_terminal_gets_a_bar_too_that_the_line_replaces() {
    assertThat(shown(true))
        .matches(
            "\\repoch   1/40  \\[={12} {12}\\]  loss 2\\.1250  acc  25\\.0 %  \\d+ clips/s"
                + "  left \\d+:\\d\\d *\\repoch   1/40  loss 2\\.0000 .*  best *\\R");
  }
}
