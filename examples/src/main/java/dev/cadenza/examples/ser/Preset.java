package dev.cadenza.examples.ser;

import dev.cadenza.models.ParallelCnnTransformer;
import java.util.Locale;

/** The two published networks, each with the features it was made for. */
public enum Preset {
  /** One convolutional branch beside the transformer, on a log-mel spectrogram of 128x563. */
  PARALLEL,

  /** Two convolutional branches beside the transformer, on 40x282 MFCCs. */
  TWO_BRANCH;

  /** The network. */
  public ParallelCnnTransformer.Settings network() {
    return switch (this) {
      case PARALLEL -> ParallelCnnTransformer.parallel();
      case TWO_BRANCH -> ParallelCnnTransformer.twoBranch();
    };
  }

  /** What it reads. */
  public FrontEnd.Settings features() {
    return switch (this) {
      case PARALLEL ->
          new FrontEnd.Settings(FrontEnd.Kind.LOG_MEL, 48_000, 0.5, 3, 1024, 512, 256, 128, 0);
      case TWO_BRANCH ->
          new FrontEnd.Settings(FrontEnd.Kind.MFCC, 48_000, 0.5, 3, 1024, 512, 512, 128, 40);
    };
  }

  /** The name on the command line, like {@code two-branch}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
