package dev.cadenza.examples.ser;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(name = "predict")
final class PredictCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 0;
  }
}
