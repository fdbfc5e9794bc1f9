package dev.cadenza.examples.ser;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter.NopIndenter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.core.util.Separators.Spacing;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Writes reports as JSON, the same bytes on every system. */
public final class Json {

  private static final Separators SEPARATORS =
      Separators.createDefaultInstance()
          .withObjectFieldValueSpacing(Spacing.AFTER)
          .withArrayValueSpacing(Spacing.AFTER)
          .withArrayEmptySeparator("")
          .withObjectEmptySeparator("");

  private static final ObjectWriter WRITER =
      JsonMapper.builder()
          .build()
          .writer(
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
}
