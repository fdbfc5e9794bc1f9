package dev.cadenza.io;

import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Files of named arrays in the <a href="https://github.com/huggingface/safetensors">safetensors</a>
 * format: the length of the header (8 bytes, little-endian), the header (a JSON object of name to
 * data type, shape and place, and {@code __metadata__}, strings by name), the numbers.
 *
 * <p>Nothing a header says is believed: every size is checked against the file before memory is
 * taken for it, and the arrays must fill the file exactly, as the format demands.
 */
public final class Safetensors {
  static final String METADATA = "__metadata__";

  private Safetensors() {}

  /**
   * What a file holds, by name in the order of its header.
   *
   * @param path where it was read
   * @param tensors the arrays of real numbers: F64 as float64; F32, F16 and BF16 as float32
   * @param integers the arrays of whole numbers: I64, I32, I16, I8, U8 and BOOL
   * @param metadata free text by name
   */
  public record File(
      Path path,
      Map<String, Tensor> tensors,
      Map<String, Integers> integers,
      Map<String, String> metadata) {

    /**
     * A tensor that must be there.
     *
     * @throws CheckpointException if the file has no tensor of that name
     */
    public Tensor tensor(String name) throws CheckpointException {
      return require(name, tensors.get(name));
    }

    /**
     * Whole numbers that must be there.
     *
     * @throws CheckpointException if the file has no whole numbers of that name
     */
    public Integers integers(String name) throws CheckpointException {
      return require(name, integers.get(name));
    }

    private <T> T require(String name, @Nullable T found) throws CheckpointException {
      if (found == null) {
        throw new CheckpointException(
            path, "expected '" + name + "' among " + tensors.keySet() + integers.keySet());
      }
      return found;
    }

    /** The arrays whose names start with {@code prefix}, under the rest of their names. */
    public File under(String prefix) {
      return new File(path, under(prefix, tensors), under(prefix, integers), metadata);
    }

    private static <T> Map<String, T> under(String prefix, Map<String, T> all) {
      Map<String, T> some = new LinkedHashMap<>();
      all.forEach(
          (name, value) -> {
            if (name.startsWith(prefix)) {
              some.put(name.substring(prefix.length()), value);
            }
          });
      return Collections.unmodifiableMap(some);
    }
  }

  /** An array of whole numbers. */
  public static final class Integers {
    private final Shape shape;
    private final long[] values;

    Integers(Shape shape, long[] values) {
      this.shape = shape;
      this.values = values;
    }

    /** How the numbers are arranged. */
    public Shape shape() {
      return shape;
    }

    /** The numbers in row-major order, in a new array. */
    public long[] values() {
      return values.clone();
    }
  }

  /**
   * Reads a file. Its tensors live outside of every workspace.
   *
   * @throws CheckpointException if the file is missing, damaged or of another format
   */
  public static File read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
        Workspace outside = Workspace.outside()) {
      return new SafetensorsReader(path, channel).read();
    } catch (CheckpointException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new CheckpointException(path, "there is no such file", e);
    } catch (IOException e) {
      throw new CheckpointException(path, "cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Writes float32 and float64 tensors, listed in the order given. The file appears under its name
   * only when it is complete; until then another one of that name stays as it is.
   *
   * @throws IllegalArgumentException if a tensor is named {@code __metadata__}
   */
  public static void write(Path path, Map<String, Tensor> tensors, Map<String, String> metadata)
      throws IOException {
    if (tensors.containsKey(METADATA)) {
      throw new IllegalArgumentException("safetensors: no tensor can be named " + METADATA);
    }
    new SafetensorsWriter(tensors, metadata).write(path);
  }
}
