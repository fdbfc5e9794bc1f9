package dev.cadenza.audio.feature;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Settings by their names in Python, with values as Python writes them. Whoever knows a setting
 * asks for it; {@link #finish} refuses those that nobody has asked for.
 */
final class PythonSettings {
  private final String who;
  private final Map<String, String> left;
  private final Set<String> known = new LinkedHashSet<>();

  /**
   * @param who begins the messages
   */
  PythonSettings(String who, Map<String, String> values) {
    this.who = who;
    left = new LinkedHashMap<>(values);
  }

  /** The value of a setting, or what is passed where it is not given. */
  <V> V read(String name, V unlessGiven, Function<String, V> parse) {
    V value = readNullable(name, unlessGiven, parse);
    return value == null ? unlessGiven : value;
  }

  /** The same for a setting that may be null. */
  <V> @Nullable V readNullable(String name, @Nullable V unlessGiven, Function<String, V> parse) {
    known.add(name);
    String text = left.remove(name);
    if (text == null) {
      return unlessGiven;
    }
    try {
      return parse.apply(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(who + ": " + name + "=" + text + " is not a number", e);
    }
  }

  int integer(String name, int unlessGiven) {
    return read(name, unlessGiven, Integer::valueOf);
  }

  double real(String name, double unlessGiven) {
    return read(name, unlessGiven, Double::valueOf);
  }

  /** A value for which Python takes {@code None} as well. */
  <V> @Nullable V orNone(String name, @Nullable V unlessGiven, Function<String, V> parse) {
    return readNullable(name, unlessGiven, text -> text.equals("None") ? null : parse.apply(text));
  }

  /** One value for {@code True}, another for {@code False}. */
  <V> V flag(String name, V unlessGiven, V whenTrue, V whenFalse) {
    Map<String, V> values = new LinkedHashMap<>();
    values.put("True", whenTrue);
    values.put("False", whenFalse);
    return read(name, unlessGiven, text -> choice(name, text, values));
  }

  /** A constant by its name in lower case. */
  <E extends Enum<E>> E constant(String name, E unlessGiven) {
    Map<String, E> values = new LinkedHashMap<>();
    for (E constant : unlessGiven.getDeclaringClass().getEnumConstants()) {
      values.put(constant.name().toLowerCase(Locale.ROOT), constant);
    }
    return read(name, unlessGiven, text -> choice(name, text, values));
  }

  private <V> V choice(String name, String text, Map<String, V> values) {
    for (Map.Entry<String, V> value : values.entrySet()) {
      if (value.getKey().equalsIgnoreCase(text)) {
        return value.getValue();
      }
    }
    throw new IllegalArgumentException(
        who + ": " + name + "=" + text + " must be one of " + String.join(", ", values.keySet()));
  }

  /** Refuses what is left. */
  void finish() {
    if (!left.isEmpty()) {
      throw new IllegalArgumentException(
          who
              + ": there is no setting "
              + left.keySet().iterator().next()
              + ", there are "
              + String.join(", ", known));
    }
  }
}
