package dev.cadenza.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cadenza.kernel.DType;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes one {@link Safetensors} file. */
final class SafetensorsWriter {
  /** Bytes written at a time. */
  private static final int PIECE = 1 << 18;

  private final Map<String, Tensor> tensors;
  private final Map<String, String> metadata;

  SafetensorsWriter(Map<String, Tensor> tensors, Map<String, String> metadata) {
    this.tensors = tensors;
    this.metadata = metadata;
  }

  /** Writes a draft beside the file and puts it in the file's place. */
  void write(Path path) throws IOException {
    Path file = path.toAbsolutePath();
    Path draft =
        file.resolveSibling(
            file.getFileName() + "." + Long.toHexString(System.nanoTime()) + ".tmp");
    try {
      try (FileChannel channel =
          FileChannel.open(draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        write(channel);
        channel.force(true);
      }
      move(draft, file);
    } finally {
      Files.deleteIfExists(draft);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private void write(FileChannel channel) throws IOException {
    // The widest numbers come first, so that each is aligned to its own size, as readers demand.
    List<String> order = new ArrayList<>(tensors.keySet());
    order.sort(Comparator.comparingInt(name -> -tensor(name).type().bytes()));
    writeAll(channel, header(order));
    for (String name : order) {
      write(channel, tensor(name));
    }
  }

  private Tensor tensor(String name) {
    return Objects.requireNonNull(tensors.get(name), name);
  }

  private ByteBuffer header(List<String> order) {
    Map<String, List<Long>> offsets = new HashMap<>();
    long at = 0;
    for (String name : order) {
      long end = at + (long) tensor(name).shape().size() * tensor(name).type().bytes();
      offsets.put(name, List.of(at, end));
      at = end;
    }
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(Safetensors.METADATA, metadata);
    }
    tensors.forEach((name, t) -> header.put(name, fields(t, offsets.get(name))));
    byte[] json = Json.write(header).getBytes(UTF_8);
    int length = (json.length + 7) / 8 * 8;
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(json);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    return bytes.flip();
  }

  private static Map<String, @Nullable Object> fields(Tensor t, @Nullable Object offsets) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("dtype", (t.type() == DType.FLOAT64 ? Encoding.F64 : Encoding.F32).name());
    fields.put("shape", Arrays.stream(t.shape().dims()).boxed().toList());
    fields.put("data_offsets", offsets);
    return fields;
  }

  private static void write(FileChannel channel, Tensor t) throws IOException {
    boolean wide = t.type() == DType.FLOAT64;
    double[] doubles = wide ? t.toDoubleArray() : new double[0];
    float[] floats = wide ? new float[0] : t.toFloatArray();
    ByteBuffer piece = ByteBuffer.allocate(PIECE).order(ByteOrder.LITTLE_ENDIAN);
    int perPiece = PIECE / t.type().bytes();
    for (int first = 0; first < t.shape().size(); first += perPiece) {
      int n = Math.min(perPiece, t.shape().size() - first);
      piece.clear();
      if (wide) {
        piece.asDoubleBuffer().put(doubles, first, n);
      } else {
        piece.asFloatBuffer().put(floats, first, n);
      }
      writeAll(channel, piece.limit(n * t.type().bytes()));
    }
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
