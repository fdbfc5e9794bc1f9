package dev.cadenza.audio.feature;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/** The cases and arrays that the scripts in {@code tools/golden} wrote. */
public final class Goldens {
  private static final Map<String, Npy> SIGNALS = arrays("audio_dsp");

  private Goldens() {}

  /**
   * One case: what is computed, of which signal, with which settings by their names in Python, and
   * what another tool says.
   */
  public record Case(
      String name, String kind, String signal, Map<String, String> settings, Npy expected) {
    public float[] samples() {
      return Goldens.signal(signal);
    }

    boolean has(String setting) {
      return settings.containsKey(setting);
    }

    String text(String setting) {
      return Objects.requireNonNull(settings.get(setting), setting);
    }

    public int number(String setting) {
      return Integer.parseInt(text(setting));
    }

    public double real(String setting) {
      return Double.parseDouble(text(setting));
    }

    boolean flag(String setting) {
      return Boolean.parseBoolean(text(setting));
    }

    @Override
    public String toString() {
      return name + " " + signal + " " + settings;
    }
  }

  public static List<Case> cases(String file) {
    Map<String, Npy> arrays = arrays(file);
    List<Case> cases = new ArrayList<>();
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(open(file + "_cases.tsv"), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.startsWith("#")) {
          String[] parts = line.split("\t", -1);
          Map<String, String> settings = new LinkedHashMap<>();
          for (String setting : parts[3].isEmpty() ? new String[0] : parts[3].split(" ", -1)) {
            settings.put(
                setting.substring(0, setting.indexOf('=')),
                setting.substring(setting.indexOf('=') + 1));
          }
          Npy expected = Objects.requireNonNull(arrays.get(parts[0]), parts[0]);
          cases.add(new Case(parts[0], parts[1], parts[2], settings, expected));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  /** {@code noise:n:seed}, or a signal that the goldens carry. */
  public static float[] signal(String name) {
    if (name.startsWith("noise:")) {
      String[] parts = name.split(":", -1);
      return Signals.noise(Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
    }
    return Objects.requireNonNull(SIGNALS.get("signal." + name), name).values();
  }

  private static Map<String, Npy> arrays(String file) {
    Map<String, Npy> arrays = new HashMap<>();
    try (ZipInputStream zip = new ZipInputStream(open(file + ".npz"))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        arrays.put(entry.getName().replace(".npy", ""), Npy.read(zip, entry.getName()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return arrays;
  }

  private static InputStream open(String name) {
    return Objects.requireNonNull(Goldens.class.getResourceAsStream("/golden/" + name), name);
  }
}
