package dev.cadenza.examples.ser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter.NopIndenter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;

/** Writes reports as JSON, the same bytes on every system, and reads them. */
public final class Json {

  private static final Separators SEPARATORS =
      Separators.createDefaultInstance()
          .withObjectFieldValueSpacing(Spacing.AFTER)
          .withArrayValueSpacing(Spacing.AFTER)
          .withArrayEmptySeparator("")
          .withObjectEmptySeparator("");

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES).build();

  private static final ObjectWriter WRITER =
      MAPPER.writer(
          new DefaultPrettyPrinter(SEPARATORS)
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(NopIndenter.instance));

  private Json() {}

  /**
   * The JSON text of a value, indented, ending with a line break.
   *
   * @param value records (in the order of their components), maps, lists, arrays, numbers, strings;
   *     a number that is not finite becomes the string {@code "NaN"} or {@code "Infinity"}, because
   *     JSON has no number for it
   * @throws IllegalArgumentException if the value holds something else
   */
  public static String text(Object value) {
    try {
      return WRITER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "json: cannot write " + value.getClass().getSimpleName(), e);
    }
  }

  /**
   * The record that {@link #text} wrote.
   *
   * @throws IllegalArgumentException if the text is not JSON or does not fit the record
   */
  public static <T> T read(String text, Class<T> type) {
    try {
      return MAPPER.readValue(text, type);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "json: unknown field '" + e.getPropertyName() + "' of " + type.getSimpleName(), e);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "json: no " + type.getSimpleName() + ": " + e.getOriginalMessage(), e);
    }
  }

  /**
   * Where two values of the same shape differ first, like {@code recipe.batch was 32, is 16}; empty
   * if they are equal.
   */
  static Optional<String> difference(Object before, Object now) {
    return difference("", MAPPER.valueToTree(before), MAPPER.valueToTree(now));
  }

  private static Optional<String> difference(String path, JsonNode before, JsonNode now) {
    if (!before.isObject() || !now.isObject()) {
      return before.equals(now)
          ? Optional.empty()
          : Optional.of(path + " was " + before + ", is " + now);
    }
    String prefix = path.isEmpty() ? "" : path + ".";
    return before.properties().stream()
        .map(e -> difference(prefix + e.getKey(), e.getValue(), now.path(e.getKey())))
        .flatMap(Optional::stream)
        .findFirst();
  }
}
