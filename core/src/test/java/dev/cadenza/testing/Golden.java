package dev.cadenza.testing;

import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;

/**
 * A file of values computed by another implementation, written by a script in {@code tools/golden}:
 * safetensors with an entry {@code case/role} for every tensor, and each case's settings in the
 * metadata.
 *
 * <pre>{@code
 * for (Golden.Case c : Golden.open("conv2d").cases()) {
 *   assertThat(c.tensor("in0")....).isCloseTo(c.tensor("out"), ...);
 * }
 * }</pre>
 */
public final class Golden {
  private final Map<String, Case> cases = new TreeMap<>();

  private Golden() {}

  /** Reads {@code golden/<family>.safetensors} from the class path. */
  public static Golden open(String family) {
    String path = "/golden/" + family + ".safetensors";
    try (InputStream in = Golden.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("golden: no resource " + path);
      }
      return parse(ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Golden parse(ByteBuffer file) {
    byte[] header = new byte[Math.toIntExact(file.getLong())];
    file.get(header);
    ByteBuffer data = file.slice().order(ByteOrder.LITTLE_ENDIAN);
    Golden golden = new Golden();
    Map<String, Object> entries = Json.object(header);
    entries.forEach(
        (name, entry) -> {
          if (!name.equals("__metadata__")) {
            int slash = name.indexOf('/');
            String role = name.substring(slash + 1);
            golden.of(name.substring(0, slash)).tensors.put(role, values(Json.object(entry), data));
          }
        });
    Json.object(required(entries, "__metadata__"))
        .forEach(
            (name, settings) -> {
              if (!name.equals("generator")) {
                golden.of(name).settings.putAll(Json.object((String) settings));
              }
            });
    return golden;
  }

  private Case of(String name) {
    return cases.computeIfAbsent(name, Case::new);
  }

  private static Values values(Map<String, Object> entry, ByteBuffer data) {
    int[] shape = ints(required(entry, "shape"));
    int from = ints(required(entry, "data_offsets"))[0];
    String type = (String) required(entry, "dtype");
    double[] values = new double[Shape.of(shape).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case "F32" -> data.getFloat(from + 4 * i);
            case "F64" -> data.getDouble(from + 8 * i);
            case "I64" -> data.getLong(from + 8 * i);
            default -> throw new IllegalArgumentException("golden: unknown type " + type);
          };
    }
    return new Values(values, shape);
  }

  private static <T> T required(Map<String, T> map, String key) {
    T value = map.get(key);
    if (value == null) {
      throw new IllegalArgumentException("golden: no " + key + " among " + map.keySet());
    }
    return value;
  }

  private static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(n -> ((Double) n).intValue()).toArray();
  }

  /** All cases in alphabetical order. */
  public List<Case> cases() {
    return new ArrayList<>(cases.values());
  }

  public Case get(String name) {
    return required(cases, name);
  }

  /** The magnitude that the rounding errors of an expected result relate to. */
  @FunctionalInterface
  public interface Size {
    double of(Tensor expected);
  }

  private record Values(double[] values, int[] shape) {}

  /** One call of the other implementation: its tensors by role, and its settings. */
  public static final class Case {
    private final String name;
    private final Map<String, Values> tensors = new TreeMap<>();
    private final Map<String, Object> settings = new TreeMap<>();

    private Case(String name) {
      this.name = name;
    }

    public String name() {
      return name;
    }

    /** The type that the case was stored in: the precision of its numbers. */
    public DType type() {
      return name.endsWith("_f64") ? DType.FLOAT64 : DType.FLOAT32;
    }

    public boolean has(String role) {
      return tensors.containsKey(role);
    }

    /** The roles of all tensors that a gradient is given for. */
    public Set<String> differentiated() {
      return tensors.keySet().stream()
          .filter(role -> has("grad_" + role) && !role.equals("out"))
          .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The tensor of this role in the case's type. */
    public Tensor tensor(String role) {
      return tensor(role, type());
    }

    public Tensor tensor(String role, DType type) {
      Values v = required(tensors, role);
      return Tensor.of(Array.of(v.values(), Shape.of(v.shape())).cast(type));
    }

    /** Numbers of a role in row-major order. */
    public double[] values(String role) {
      return required(tensors, role).values().clone();
    }

    /** A setting that is a list of whole numbers, such as {@code stride}. */
    public int[] ints(String setting) {
      return Golden.ints(required(settings, setting));
    }

    /** A setting that is a list of numbers, such as {@code betas}. */
    public double[] numbers(String setting) {
      List<?> list = (List<?>) required(settings, setting);
      return list.stream().mapToDouble(n -> (Double) n).toArray();
    }

    public int integer(String setting) {
      return (int) number(setting);
    }

    public double number(String setting) {
      return (Double) required(settings, setting);
    }

    public double number(String setting, double otherwise) {
      return settings.containsKey(setting) ? number(setting) : otherwise;
    }

    public boolean flag(String setting) {
      return settings.get(setting) == Boolean.TRUE;
    }

    /** A setting that is a text; empty if it is null or not there. */
    public String text(String setting) {
      Object text = settings.get(setting);
      return text == null || text == Json.NULL ? "" : (String) text;
    }

    /** A setting that is an object, such as the bounds of initial values. */
    public Map<String, Object> object(String setting) {
      return Json.object(required(settings, setting));
    }

    /** All differentiated tensors by role, tracked, in a type. */
    public Map<String, Tensor> leaves(DType type) {
      Map<String, Tensor> leaves = new TreeMap<>();
      differentiated().forEach(role -> leaves.put(role, tensor(role, type).tracked()));
      return leaves;
    }

    /**
     * Asserts that a value and the gradients of its leaves are the other implementation's, up to
     * the rounding of sums of {@code terms}: computed in the case's own type, or in float64 from a
     * float32 case, whose results were rounded once.
     *
     * @param out the value, recorded
     * @param leaves what was differentiated, by role
     * @param size what rounding errors relate to, beside each element's own magnitude
     */
    public void check(Tensor out, Map<String, Tensor> leaves, int terms, Size size) {
      boolean stored = out.type() == type();
      double unit = stored ? terms * Rounding.ulp(type()) : Rounding.ulp(DType.FLOAT32);
      TensorAssert.assertThat(out.detach())
          .as("value")
          .isCloseTo(tensor("out"), unit * size.of(tensor("out")), unit);
      Gradients gradients = out.backward(tensor("grad_out", out.type()));
      Assertions.assertThat(leaves.keySet()).as("leaves").isEqualTo(differentiated());
      leaves.forEach(
          (role, leaf) -> {
            Tensor expected = tensor("grad_" + role);
            TensorAssert.assertThat(gradients.of(leaf))
                .as("gradient of %s", role)
                .isCloseTo(expected, unit * size.of(expected), unit);
          });
    }

    @Override
    public String toString() {
      return name;
    }
  }
}
