package dev.cadenza.audio.feature;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * NumPy's {@code .npy} files of little-endian float32 in row-major order.
 *
 * @param values the values, row by row
 * @param shape the length of each axis; empty for a single number
 */
public record Npy(float[] values, int... shape) {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");

  public Npy {
    long size = 1;
    for (int n : shape) {
      size = Math.multiplyExact(size, n);
    }
    if (size != values.length) {
      throw new IllegalArgumentException(
          "npy: " + values.length + " values do not fill " + Arrays.toString(shape));
    }
  }

  /** A feature map as an array of two axes. */
  public static Npy of(Features features) {
    return new Npy(features.values(), features.bins(), features.frames());
  }

  /** Writes a file, replacing one that is there. */
  public void write(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      write(out);
    }
  }

  /** Writes to a stream, which is not closed. */
  public void write(OutputStream out) throws IOException {
    String axes =
        Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    String header =
        "{'descr': '<f4', 'fortran_order': False, 'shape': ("
            + axes
            + (shape.length == 1 ? ",), }" : "), }");
    // Version 1.0: magic, version, header length; all that and the header are a multiple of 64
    // long.
    int length = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer buffer =
        ByteBuffer.allocate(Math.addExact(10 + length, Math.multiplyExact(4, values.length)))
            .order(ByteOrder.LITTLE_ENDIAN);
    buffer.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) length);
    buffer.put(
        (header + " ".repeat(length - header.length() - 1) + "\n")
            .getBytes(StandardCharsets.US_ASCII));
    buffer.asFloatBuffer().put(values);
    out.write(buffer.array());
  }

  /**
   * Reads a file.
   *
   * @throws IOException if the file is not a float32 {@code .npy} in row-major order, or is cut
   *     short
   */
  public static Npy read(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return read(in, file.toString());
    }
  }

  /** Reads one array from a stream, which is not closed; {@code name} is for error messages. */
  public static Npy read(InputStream in, String name) throws IOException {
    DataInputStream data = new DataInputStream(in);
    byte[] start = data.readNBytes(8);
    if (start.length < 8 || !Arrays.equals(start, 0, 6, MAGIC, 0, 6)) {
      throw new IOException(name + ": not an .npy file, it does not start with \\x93NUMPY");
    }
    byte[] size = data.readNBytes(start[6] == 1 ? 2 : 4);
    int length = ByteBuffer.wrap(Arrays.copyOf(size, 4)).order(ByteOrder.LITTLE_ENDIAN).getInt();
    String header = new String(data.readNBytes(length), StandardCharsets.US_ASCII);
    if (!header.contains("'descr': '<f4'") || !header.contains("'fortran_order': False")) {
      throw new IOException(name + ": expected float32 in row-major order, found " + header.trim());
    }
    Matcher matcher = SHAPE.matcher(header);
    if (!matcher.find()) {
      throw new IOException(name + ": no shape in the header " + header.trim());
    }
    int[] shape =
        Pattern.compile(",")
            .splitAsStream(matcher.group(1))
            .map(String::trim)
            .filter(s -> !s.isEmpty())
            .mapToInt(Integer::parseInt)
            .toArray();
    int count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    byte[] bytes = data.readNBytes(Math.multiplyExact(4, count));
    if (bytes.length != 4 * count) {
      throw new IOException(
          name
              + ": cut short, "
              + Arrays.toString(shape)
              + " needs "
              + 4 * count
              + " bytes, found "
              + bytes.length);
    }
    float[] values = new float[count];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return new Npy(values, shape);
  }
}
