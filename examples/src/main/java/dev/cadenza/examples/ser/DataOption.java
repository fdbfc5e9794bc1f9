package dev.cadenza.examples.ser;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where clips come from: the user's files or, without any, a corpus made on the spot. */
final class DataOption {

  /** The corpus is the same in every run, whatever the seed of the training. */
  private static final long SYNTHETIC_SEED = 1;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description = {
        "Folder of RAVDESS clips, or the downloaded zip file.",
        "Without it a small synthetic corpus is made."
      })
  private @Nullable Path path;

  /** Whether no person speaks. */
  boolean isSynthetic() {
    return path == null;
  }

  /** Opens or makes the corpus. */
  Corpus open() throws IOException {
    return path == null ? synthetic() : Corpus.open(path);
  }

  /** One take of each emotion and intensity by each of 24 actors. */
  private static Corpus synthetic() {
    return new SyntheticCorpus(
            SyntheticCorpus.allNames().stream()
                .filter(name -> name.statement() == 1 && name.repetition() == 1)
                .toList(),
            SYNTHETIC_SEED)
        .inMemory();
  }

  /** The corpus in words. */
  String describe(Corpus corpus) {
    return path == null
        ? "synthetic speech made by this program, " + corpus.summary()
        : path + ", " + corpus.summary();
  }
}
