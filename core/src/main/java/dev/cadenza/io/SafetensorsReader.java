package dev.cadenza.io;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.cadenza.io.Safetensors.Integers;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.ShapeException;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one {@link Safetensors} file. */
final class SafetensorsReader {
  /** The limit that the reference implementation sets. */
  private static final int MAX_HEADER = 100_000_000;

  /** Bytes read at a time. */
  private static final int PIECE = 1 << 18;

  /** One array as the header describes it; offsets count from the start of the file. */
  private record Entry(String name, Encoding encoding, Shape shape, long begin, long end) {}

  private final Path path;
  private final FileChannel channel;
  private final long size;

  SafetensorsReader(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.size = channel.size();
  }

  Safetensors.File read() throws IOException {
    if (size < Long.BYTES) {
      throw problem(0, "expected the 8 bytes of a header length, the file has %d", size);
    }
    long length = bytes(0, Long.BYTES).getLong();
    long limit = Math.min(MAX_HEADER, size - Long.BYTES);
    if (length < 0 || length > limit) {
      throw problem(
          0,
          "expected a header length of at most %d, got %s",
          limit,
          Long.toUnsignedString(length));
    }
    Map<String, @Nullable Object> header = header((int) length);
    Map<String, String> metadata = metadata(header.remove(Safetensors.METADATA));
    List<Entry> entries = new ArrayList<>();
    for (Map.Entry<String, @Nullable Object> e : header.entrySet()) {
      entries.add(entry(e.getKey(), e.getValue(), Long.BYTES + length));
    }
    requireNoGaps(entries, Long.BYTES + length);
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    Map<String, Integers> integers = new LinkedHashMap<>();
    for (Entry e : entries) {
      if (e.encoding().isInteger()) {
        integers.put(e.name(), new Integers(e.shape(), longs(e)));
      } else {
        tensors.put(e.name(), tensor(e));
      }
    }
    return new Safetensors.File(
        path,
        Collections.unmodifiableMap(tensors),
        Collections.unmodifiableMap(integers),
        Collections.unmodifiableMap(metadata));
  }

  private Map<String, @Nullable Object> header(int length) throws IOException {
    ByteBuffer bytes = bytes(Long.BYTES, length);
    String text;
    try {
      text = UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw problem(Long.BYTES + bytes.position(), "expected a header in UTF-8");
    }
    try {
      return Json.parseObject(text);
    } catch (Json.SyntaxException e) {
      int before = text.substring(0, e.position()).getBytes(UTF_8).length;
      throw problem(Long.BYTES + before, "%s", e.getMessage());
    }
  }

  private Map<String, String> metadata(@Nullable Object json) throws CheckpointException {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (json != null) {
      for (Map.Entry<String, @Nullable Object> e : object(json, Safetensors.METADATA).entrySet()) {
        if (!(e.getValue() instanceof String text)) {
          throw inHeader("%s: expected '%s' to be a string", Safetensors.METADATA, e.getKey());
        }
        metadata.put(e.getKey(), text);
      }
    }
    return metadata;
  }

  private Entry entry(String name, @Nullable Object json, long data) throws CheckpointException {
    Map<String, @Nullable Object> fields = object(json, "tensor '" + name + "'");
    Encoding encoding = encoding(name, fields.get("dtype"));
    Shape shape = shape(name, fields.get("shape"));
    long[] offsets = sizes(name, "data_offsets", fields.get("data_offsets"));
    if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > size - data) {
      throw inTensor(
          name,
          "expected data_offsets [begin, end] within the %d bytes of data, got %s",
          size - data,
          Arrays.toString(offsets));
    }
    long needed = (long) shape.size() * encoding.bytes();
    if (offsets[1] - offsets[0] != needed) {
      throw inTensor(
          name,
          "expected %d bytes for %s %s, data_offsets %s span %d",
          needed,
          encoding,
          shape,
          Arrays.toString(offsets),
          offsets[1] - offsets[0]);
    }
    return new Entry(name, encoding, shape, data + offsets[0], data + offsets[1]);
  }

  private Encoding encoding(String name, @Nullable Object json) throws CheckpointException {
    for (Encoding e : Encoding.values()) {
      if (e.name().equals(json)) {
        return e;
      }
    }
    throw inTensor(
        name, "expected a dtype among %s, got %s", Arrays.toString(Encoding.values()), shown(json));
  }

  private Shape shape(String name, @Nullable Object json) throws CheckpointException {
    long[] sizes = sizes(name, "shape", json);
    if (Arrays.stream(sizes).anyMatch(n -> n > Integer.MAX_VALUE)) {
      throw inTensor(
          name,
          "expected sizes of at most %d, got shape %s",
          Integer.MAX_VALUE,
          Arrays.toString(sizes));
    }
    try {
      return Shape.of(Arrays.stream(sizes).mapToInt(n -> (int) n).toArray());
    } catch (ShapeException e) {
      throw inTensor(name, "%s", e.getMessage());
    }
  }

  private long[] sizes(String name, String field, @Nullable Object json)
      throws CheckpointException {
    if (json instanceof List<?> list
        && list.stream().allMatch(n -> n instanceof Long size && size >= 0)) {
      return list.stream().mapToLong(Long.class::cast).toArray();
    }
    throw inTensor(name, "expected %s to be a list of sizes, got %s", field, shown(json));
  }

  @SuppressWarnings("unchecked") // the JSON parser makes no other maps
  private Map<String, @Nullable Object> object(@Nullable Object json, String what)
      throws CheckpointException {
    if (json instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw inHeader("expected %s to be a JSON object", what);
  }

  /** Arrays that overlap, or bytes that belong to none, are signs of a damaged file. */
  private void requireNoGaps(List<Entry> entries, long data) throws CheckpointException {
    List<Entry> sorted = new ArrayList<>(entries);
    sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
    long end = data;
    for (Entry e : sorted) {
      if (e.begin() != end) {
        throw problem(end, "expected tensor '%s' here, it begins at %d", e.name(), e.begin());
      }
      end = e.end();
    }
    if (end != size) {
      throw problem(end, "expected the end of the file, it goes on to %d", size);
    }
  }

  private Tensor tensor(Entry e) throws IOException {
    int[] dims = e.shape().dims();
    if (e.encoding() == Encoding.F64) {
      double[] values = new double[e.shape().size()];
      pieces(e, (piece, first, n) -> Encoding.doubles(piece, values, first, n));
      return Tensor.of(values, dims);
    }
    float[] values = new float[e.shape().size()];
    pieces(e, (piece, first, n) -> e.encoding().floats(piece, values, first, n));
    return Tensor.of(values, dims);
  }

  private long[] longs(Entry e) throws IOException {
    long[] values = new long[e.shape().size()];
    pieces(e, (piece, first, n) -> e.encoding().longs(piece, values, first, n));
    return values;
  }

  @FunctionalInterface
  private interface PieceConsumer {
    void accept(ByteBuffer piece, int first, int n);
  }

  /** Hands an array over piece by piece: the bytes, the number of its first element, how many. */
  private void pieces(Entry e, PieceConsumer consumer) throws IOException {
    int first = 0;
    for (long at = e.begin(); at < e.end(); at += PIECE) {
      int length = (int) Math.min(PIECE, e.end() - at);
      int n = length / e.encoding().bytes();
      consumer.accept(bytes(at, length), first, n);
      first += n;
    }
  }

  private ByteBuffer bytes(long offset, int length) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      long at = offset + buffer.position();
      if (channel.read(buffer, at) < 0) {
        throw problem(at, "expected %d more bytes", buffer.remaining());
      }
    }
    return buffer.flip();
  }

  /** JSON for a message: as much of it as fits on a line. */
  private static String shown(@Nullable Object json) {
    String text = Json.write(json);
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }

  private CheckpointException inTensor(String name, String format, @Nullable Object... values) {
    return inHeader("tensor '%s': %s", name, String.format(Locale.ROOT, format, values));
  }

  private CheckpointException inHeader(String format, @Nullable Object... values) {
    return problem(Long.BYTES, format, values);
  }

  /** A problem at a byte of the file, counted from 0. */
  private CheckpointException problem(long offset, String format, @Nullable Object... values) {
    String problem = String.format(Locale.ROOT, format, values);
    return new CheckpointException(path, "at byte " + offset + ": " + problem);
  }
}
