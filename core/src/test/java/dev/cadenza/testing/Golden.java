package dev.cadenza.testing;

import dev.cadenza.io.Json;
import dev.cadenza.io.Safetensors;
import dev.cadenza.kernel.Array;
import dev.cadenza.kernel.DType;
import dev.cadenza.shape.Shape;
import dev.cadenza.tensor.Gradients;
import dev.cadenza.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;

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

  private Golden(Safetensors.File file) {
    file.tensors().forEach((name, t) -> put(name, new Values(t.toDoubleArray(), t.shape())));
    file.integers()
        .forEach(
            (name, n) ->
                put(
                    name,
                    new Values(Arrays.stream(n.values()).asDoubleStream().toArray(), n.shape())));
    file.metadata()
        .forEach(
            (name, settings) -> {
              if (!name.equals("generator")) {
                of(name).settings.putAll(Json.parseObject(settings));
              }
            });
  }

  private void put(String name, Values values) {
    int slash = name.indexOf('/');
    of(name.substring(0, slash)).tensors.put(name.substring(slash + 1), values);
  }

  /** Reads {@code golden/<family>.safetensors} from the class path, which may be a jar. */
  public static Golden open(String family) {
    String path = "/golden/" + family + ".safetensors";
    try (InputStream in = Golden.class.getResourceAsStream(path)) {
      if (in == null) {
        throw new IllegalArgumentException("golden: no resource " + path);
      }
      Path copy = Files.createTempFile(family, ".safetensors");
      try {
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
        return new Golden(Safetensors.read(copy));
      } finally {
        Files.delete(copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Case of(String name) {
    return cases.computeIfAbsent(name, Case::new);
  }

  private static <T> T required(Map<String, ? extends @Nullable T> map, String key) {
    @Nullable T value = map.get(key);
    if (value == null) {
      throw new IllegalArgumentException("golden: no " + key + " among " + map.keySet());
    }
    return value;
  }

  private static int[] ints(Object list) {
    return ((List<?>) list).stream().mapToInt(n -> ((Number) n).intValue()).toArray();
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

  private record Values(double[] values, Shape shape) {}

  /** One call of the other implementation: its tensors by role, and its settings. */
  public static final class Case {
    private final String name;
    private final Map<String, Values> tensors = new TreeMap<>();
    private final Map<String, @Nullable Object> settings = new TreeMap<>();

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
      return Tensor.of(Array.of(v.values(), v.shape()).cast(type));
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
      return ((Number) required(settings, setting)).doubleValue();
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
      return text == null ? "" : (String) text;
    }

    /** The settings that are numbers and whose names start with a prefix, by the rest of it. */
    public Map<String, Double> numbersFrom(String prefix) {
      Map<String, Double> numbers = new TreeMap<>();
      settings.forEach(
          (name, value) -> {
            if (name.startsWith(prefix) && value instanceof Number n) {
              numbers.put(name.substring(prefix.length()), n.doubleValue());
            }
          });
      return numbers;
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
