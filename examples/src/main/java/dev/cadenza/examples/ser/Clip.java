package dev.cadenza.examples.ser;

import java.io.IOException;

/**
 * One recording of a {@link Corpus}, before anything is computed from it.
 *
 * @param name what its file name says; unique within a corpus
 * @param location where it lies, for messages
 * @param sha256 hexadecimal SHA-256 of the bytes of the file; unique within a corpus
 * @param source reads the bytes of the file
 */
public record Clip(RavdessName name, String location, String sha256, Source source) {

  /** Reads the whole file, from a disk, an archive or memory. Safe for use by several threads. */
  @FunctionalInterface
  public interface Source {
    /** The bytes of the file; the caller must not modify them. */
    byte[] read() throws IOException;
  }

  /** The speaker, 1 to 24. */
  public int actor() {
    return name.actor();
  }

  /** The class to be learned, see {@link Emotion#label()}. */
  public int label() {
    return name.emotion().label();
  }

  @Override
  public String toString() {
    return location;
  }
}
