package dev.cadenza.examples.ser;

import dev.cadenza.models.ParallelCnnTransformer;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints the layers of a network. */
@Command(
    name = "summary",
    description = "Print the layers of a network with output shapes and parameter counts.")
final class SummaryCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      required = true,
      paramLabel = "P",
      description = "The network: ${COMPLETION-CANDIDATES}.")
  private Preset preset;

  @Override
  public Integer call() {
    ParallelCnnTransformer network = preset.network().build(new SplittableRandom(0));
    ParallelCnnTransformer.Settings s = network.settings();
    spec.commandLine().getOut().println(network.summary(1, 1, s.bands(), s.frames()));
    return 0;
  }
}
