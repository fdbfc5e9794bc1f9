package dev.cadenza.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.cadenza.kernel.DType;
import dev.cadenza.kernel.Workspace;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
  @TempDir Path folder;
  private Path path;

  @BeforeEach
  void nameFile() {
    path = folder.resolve("x.safetensors");
  }

  @Test
  void what_is_written_is_read_back_bit_for_bit() throws IOException {
    float[] floats = {0f, -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, 1 / 3f};
    double[] doubles = {-0.0, Double.MIN_VALUE, Double.NaN, Math.PI};
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("z.weight", Tensor.of(floats, 2, 3));
    tensors.put("größe \"\n😀", Tensor.of(doubles, 1, 4));
    tensors.put("scalar", Tensor.of(new float[] {42}));
    tensors.put("", Tensor.of(new float[0], 3, 0));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("note", "zwei\nZeilen");
    metadata.put("a", "");

    Safetensors.write(path, tensors, metadata);
    Safetensors.File file = Safetensors.read(path);

    assertThat(file.path()).isEqualTo(path);
    assertThat(new ArrayList<>(file.tensors().keySet()))
        .isEqualTo(new ArrayList<>(tensors.keySet()));
    assertThat(file.integers()).isEmpty();
    assertThat(file.metadata()).containsExactlyEntriesOf(metadata);
    for (Map.Entry<String, Tensor> e : tensors.entrySet()) {
      assertSameBits(file.tensor(e.getKey()), e.getValue());
    }
  }

  @Test
  void tensors_larger_than_one_piece_are_read_back_bit_for_bit() throws IOException {
    RandomGenerator rng = new SplittableRandom(1);
    float[] floats = new float[300_001];
    double[] doubles = new double[100_003];
    Arrays.setAll(doubles, i -> rng.nextGaussian());
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) rng.nextGaussian();
    }
    Safetensors.write(
        path,
        Map.of("f", Tensor.of(floats, floats.length), "d", Tensor.of(doubles, doubles.length)),
        Map.of());
    Safetensors.File file = Safetensors.read(path);
    assertThat(file.tensor("f").toFloatArray()).isEqualTo(floats);
    assertThat(file.tensor("d").toDoubleArray()).isEqualTo(doubles);
  }

  @Test
  void the_bytes_are_those_of_the_format() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a", Tensor.of(new float[] {1}, 1));
    tensors.put("b", Tensor.of(new double[] {2}));
    Safetensors.write(path, tensors, Map.of("k", "v"));
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(path)).order(ByteOrder.LITTLE_ENDIAN);
    String header =
        "{\"__metadata__\":{\"k\":\"v\"},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[8,12]},"
            + "\"b\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]}}";
    String padded = header + " ".repeat(-header.length() & 7);
    assertThat(bytes.getLong()).isEqualTo(padded.length());
    byte[] text = new byte[padded.length()];
    bytes.get(text);
    assertThat(new String(text, UTF_8)).isEqualTo(padded);
    assertThat(bytes.position() % 8).isZero();
    assertThat(bytes.getDouble()).isEqualTo(2);
    assertThat(bytes.getFloat()).isEqualTo(1);
    assertThat(bytes.hasRemaining()).isFalse();
  }

  @Test
  void reads_every_encoding() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putDouble(1e300).putLong(Long.MIN_VALUE).putInt(-5).putFloat(0.1f);
    data.putShort((short) 0x3f80).putShort((short) 0xc000); // 1 and -2
    data.putShort((short) -7).put((byte) -1).put((byte) -1).put((byte) 1).put((byte) 0);
    String header =
        tensor("f64", "F64", "[1]", 0, 8)
            + ","
            + tensor("i64", "I64", "[]", 8, 16)
            + ","
            + tensor("i32", "I32", "[1]", 16, 20)
            + ","
            + tensor("f32", "F32", "[1]", 20, 24)
            + ","
            + tensor("bf16", "BF16", "[1]", 24, 26)
            + ","
            + tensor("f16", "F16", "[1]", 26, 28)
            + ","
            + tensor("i16", "I16", "[1]", 28, 30)
            + ","
            + tensor("i8", "I8", "[1]", 30, 31)
            + ","
            + tensor("u8", "U8", "[1]", 31, 32)
            + ","
            + tensor("bool", "BOOL", "[2,1]", 32, 34);
    write("{" + header + "}", Arrays.copyOf(data.array(), 34));

    Safetensors.File file = Safetensors.read(path);

    assertThat(file.tensors()).containsOnlyKeys("f64", "f32", "bf16", "f16");
    assertThat(file.tensor("f64").type()).isEqualTo(DType.FLOAT64);
    assertThat(file.tensor("f64").item()).isEqualTo(1e300);
    assertThat(file.tensor("f32").toFloatArray()).containsExactly(0.1f);
    assertThat(file.tensor("bf16").toFloatArray()).containsExactly(1);
    assertThat(file.tensor("f16").toFloatArray()).containsExactly(-2);
    assertThat(file.integers("i64").values()).containsExactly(Long.MIN_VALUE);
    assertThat(file.integers("i64").shape()).isEqualTo(Shape.scalar());
    assertThat(file.integers("i32").values()).containsExactly(-5);
    assertThat(file.integers("i16").values()).containsExactly(-7);
    assertThat(file.integers("i8").values()).containsExactly(-1);
    assertThat(file.integers("u8").values()).containsExactly(255);
    assertThat(file.integers("bool").values()).containsExactly(1, 0);
    assertThat(file.integers("bool").shape()).isEqualTo(Shape.of(2, 1));
  }

  @Test
  void every_half_is_what_its_bits_say() throws IOException {
    ByteBuffer data = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < 1 << 16; bits++) {
      data.putShort((short) bits);
    }
    write("{" + tensor("h", "F16", "[65536]", 0, 2 << 16) + "}", data.array());
    float[] halves = Safetensors.read(path).tensor("h").toFloatArray();
    for (int bits = 0; bits < 1 << 16; bits++) {
      int exponent = bits >> 10 & 31;
      int fraction = bits & 1023;
      double magnitude =
          switch (exponent) {
            case 0 -> Math.scalb(fraction / 1024.0, -14);
            case 31 -> fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
            default -> Math.scalb(1 + fraction / 1024.0, exponent - 15);
          };
      float expected = (float) Math.copySign(magnitude, bits < 1 << 15 ? 1 : -1);
      assertThat(Float.floatToIntBits(halves[bits])).isEqualTo(Float.floatToIntBits(expected));
    }
  }

  @Test
  void reads_what_pytorch_wrote() throws IOException {
    List<Path> goldens;
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/golden"))) {
      goldens = files.filter(p -> p.toString().endsWith(".safetensors")).sorted().toList();
    }
    assertThat(goldens).hasSizeGreaterThanOrEqualTo(13);
    for (Path golden : goldens) {
      assertThat(Safetensors.read(golden).metadata()).containsKey("generator");
    }
  }

  @Test
  void under_takes_a_part() throws IOException {
    Safetensors.write(
        path, Map.of("net.w", Tensor.zeros(2), "scaler.mean", Tensor.zeros(3)), Map.of("k", "v"));
    Safetensors.File part = Safetensors.read(path).under("net.");
    assertThat(part.tensors()).containsOnlyKeys("w");
    assertThat(part.metadata()).containsOnlyKeys("k");
  }

  @Test
  void names_an_array_that_is_not_there() throws IOException {
    Safetensors.write(path, Map.of("w", Tensor.zeros(2)), Map.of());
    Safetensors.File file = Safetensors.read(path);
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> file.tensor("mean"))
        .withMessage(path + ": expected 'mean' among [w][]");
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> file.integers("w"))
        .withMessage(path + ": expected 'w' among [w][]");
  }

  @Test
  void what_is_read_in_a_workspace_outlives_it() throws IOException {
    Safetensors.write(path, Map.of("w", Tensor.of(new float[] {3}, 1)), Map.of());
    Safetensors.File file;
    try (Workspace step = Workspace.open()) {
      file = Safetensors.read(path);
    }
    assertThat(file.tensor("w").item()).isEqualTo(3);
  }

  @Test
  void a_failed_write_leaves_the_old_file_and_nothing_else() throws IOException {
    Safetensors.write(path, Map.of("w", Tensor.zeros(2)), Map.of());
    byte[] before = Files.readAllBytes(path);
    Tensor dead;
    try (Workspace step = Workspace.open()) {
      dead = Tensor.zeros(2).add(1);
    }
    Map<String, Tensor> tensors = Map.of("w", dead);
    assertThatIllegalStateException().isThrownBy(() -> Safetensors.write(path, tensors, Map.of()));
    assertThat(Files.readAllBytes(path)).isEqualTo(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(path);
    }
  }

  @Test
  void writing_replaces_an_older_file() throws IOException {
    Safetensors.write(path, Map.of("old", Tensor.zeros(100)), Map.of());
    Safetensors.write(path, Map.of("new", Tensor.zeros(2)), Map.of());
    assertThat(Safetensors.read(path).tensors()).containsOnlyKeys("new");
  }

  @Test
  void refuses_the_name_of_the_metadata() {
    Map<String, Tensor> tensors = Map.of("__metadata__", Tensor.zeros(1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Safetensors.write(path, tensors, Map.of()))
        .withMessage("safetensors: no tensor can be named __metadata__");
  }

  @Test
  void names_a_missing_file() {
    assertRefused("there is no such file");
  }

  @Test
  void names_a_folder() {
    path = folder;
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Safetensors.read(folder))
        .withMessageStartingWith(folder + ": ");
  }

  @Test
  void says_what_is_wrong_with_the_frame() throws IOException {
    Files.write(path, new byte[7]);
    assertRefused("at byte 0: expected the 8 bytes of a header length, the file has 7");
    Files.write(path, new byte[8]);
    assertRefused("at byte 8: expected a value, got the end of the text");
    Files.write(path, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    assertRefused("at byte 0: expected a header length of at most 2, got 18446744073709551615");
    Files.write(path, new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', '}'});
    assertRefused("at byte 0: expected a header length of at most 2, got 3");
    Files.write(path, new byte[] {4, 0, 0, 0, 0, 0, 0, 0, '{', '"', -1, '}'});
    assertRefused("at byte 10: expected a header in UTF-8");
    write("{\"ä\":x}", new byte[0]);
    assertRefused("at byte 14: expected a value, got \"x\"");
    write("[]", new byte[0]);
    assertRefused("at byte 8: expected an object");
    write("{}", new byte[1]);
    assertRefused("at byte 10: expected the end of the file, it goes on to 11");
  }

  @Test
  void says_what_is_wrong_with_a_tensor() throws IOException {
    assertHeaderRefused("\"w\":1", "expected tensor 'w' to be a JSON object");
    assertHeaderRefused("\"__metadata__\":{\"a\":1}", "__metadata__: expected 'a' to be a string");
    assertHeaderRefused("\"__metadata__\":[]", "expected __metadata__ to be a JSON object");
    assertHeaderRefused(
        tensor("w", "F31", "[2]", 0, 8),
        "tensor 'w': expected a dtype among"
            + " [F64, F32, F16, BF16, I64, I32, I16, I8, U8, BOOL], got \"F31\"");
    assertHeaderRefused(
        tensor("w", "F32", "[-2]", 0, 8),
        "tensor 'w': expected shape to be a list of sizes, got [-2]");
    assertHeaderRefused(
        tensor("w", "F32", "[2.0]", 0, 8),
        "tensor 'w': expected shape to be a list of sizes, got [2.0]");
    assertHeaderRefused(
        tensor("w", "F32", "[4294967298]", 0, 8),
        "tensor 'w': expected sizes of at most 2147483647, got shape [4294967298]");
    assertHeaderRefused(
        tensor("w", "F32", "[65536,65536]", 0, 8),
        "tensor 'w': shape: [65536, 65536] has more than 2147483647 elements");
    assertHeaderRefused(
        tensor("w", "F32", "[3]", 0, 8),
        "tensor 'w': expected 12 bytes for F32 [3], data_offsets [0, 8] span 8");
    assertHeaderRefused(
        tensor("w", "F32", "[2]", 1, 9),
        "tensor 'w': expected data_offsets [begin, end] within the 8 bytes of data, got [1, 9]");
    assertHeaderRefused(
        tensor("w", "F32", "[2]", 8, 0),
        "tensor 'w': expected data_offsets [begin, end] within the 8 bytes of data, got [8, 0]");
    assertHeaderRefused(
        "\"w\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8]}",
        "tensor 'w': expected data_offsets [begin, end] within the 8 bytes of data, got [8]");
    assertHeaderRefused(
        "\"w\":{\"dtype\":\"F32\",\"shape\":[2]}",
        "tensor 'w': expected data_offsets to be a list of sizes, got null");
  }

  @Test
  void says_where_tensors_overlap_or_leave_a_gap() throws IOException {
    String overlap = tensor("a", "F32", "[2]", 0, 8) + "," + tensor("b", "F32", "[1]", 4, 8);
    write("{" + overlap + "}", new byte[8]);
    int data = 8 + overlap.length() + 2;
    assertRefused(
        "at byte " + (data + 8) + ": expected tensor 'b' here, it begins at " + (data + 4));
    String gap = tensor("a", "F32", "[1]", 4, 8);
    write("{" + gap + "}", new byte[8]);
    data = 8 + gap.length() + 2;
    assertRefused("at byte " + data + ": expected tensor 'a' here, it begins at " + (data + 4));
  }

  @Test
  void damaged_files_are_read_or_refused_but_never_anything_else() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("conv.weight", Tensor.of(new float[12], 3, 4));
    tensors.put("conv.bias", Tensor.of(new double[3], 3));
    Safetensors.write(path, tensors, Map.of("format", "pt"));
    byte[] sound = Files.readAllBytes(path);
    RandomGenerator rng = new SplittableRandom(7);
    int header = (int) ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getLong();
    List<byte[]> damaged = new ArrayList<>();
    for (int length = 0; length < sound.length; length += 4) {
      damaged.add(Arrays.copyOf(sound, length));
    }
    int cut = damaged.size();
    for (int i = 0; i < 64; i++) { // every bit of the header's length
      byte[] bytes = sound.clone();
      bytes[i / 8] ^= (byte) (1 << i % 8);
      damaged.add(bytes);
    }
    String alphabet = "0123456789-.eE\"\\{}[],:\0\n ÿF\uD800";
    for (int i = 0; i < 400; i++) {
      byte[] bytes = sound.clone();
      for (int k = rng.nextInt(3); k >= 0; k--) {
        bytes[8 + rng.nextInt(header)] = (byte) alphabet.charAt(rng.nextInt(alphabet.length()));
      }
      damaged.add(bytes);
    }
    int refused = 0;
    for (byte[] bytes : damaged) {
      Files.write(path, bytes);
      try {
        Safetensors.read(path);
      } catch (CheckpointException e) {
        assertThat(e).hasMessageStartingWith(path + ": at byte ");
        refused++;
      }
    }
    assertThat(damaged).hasSize(cut + 464).hasSizeGreaterThan(500);
    // A changed name, dtype of the same width or metadata is still a sound file.
    assertThat(refused).isGreaterThan(cut + 64 + 200);
  }

  private static String tensor(String name, String dtype, String shape, long begin, long end) {
    return String.format(
        Locale.ROOT,
        "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}",
        name,
        dtype,
        shape,
        begin,
        end);
  }

  private void write(String header, byte[] data) throws IOException {
    byte[] text = header.getBytes(UTF_8);
    ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data.length);
    bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text).put(data);
    Files.write(path, bytes.array());
  }

  private void assertHeaderRefused(String content, String problem) throws IOException {
    write("{" + content + "}", new byte[8]);
    assertRefused("at byte 8: " + problem);
  }

  private void assertRefused(String problem) {
    assertThatExceptionOfType(CheckpointException.class)
        .isThrownBy(() -> Safetensors.read(path))
        .withMessage(path + ": " + problem);
  }

  private static void assertSameBits(Tensor actual, Tensor expected) {
    assertThat(actual.shape()).isEqualTo(expected.shape());
    assertThat(actual.type()).isEqualTo(expected.type());
    assertThat(Arrays.stream(actual.toDoubleArray()).mapToLong(Double::doubleToRawLongBits))
        .containsExactly(
            Arrays.stream(expected.toDoubleArray())
                .mapToLong(Double::doubleToRawLongBits)
                .boxed()
                .toArray(Long[]::new));
  }
}
