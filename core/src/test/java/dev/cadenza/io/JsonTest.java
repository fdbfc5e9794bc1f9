package dev.cadenza.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
  @Test
  void reads_every_kind_of_value() {
    Map<String, Object> expected = new LinkedHashMap<>();
    expected.put("s", "a\"\\/\b\f\n\r\té\uD83D\uDE00");
    expected.put("i", List.of(0L, -12L, Long.MAX_VALUE, Long.MIN_VALUE));
    expected.put("d", List.of(0.5, -2e-3, 1e20, 9223372036854775808.0));
    expected.put("l", Arrays.asList(true, false, null, List.of(), Map.of()));
    assertThat(
            Json.parse(
                """
                 {"s" : "a\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9\\ud83d\\ude00",
                 "i":[0,-12,9223372036854775807, -9223372036854775808],
                 "d":[0.5,-2e-3,1E+20,9223372036854775808],\t"l":[true,false,null,[],{}]}
                """))
        .isEqualTo(expected);
  }

  @Test
  void keeps_the_order_of_names() {
    String text = "{\"z\":1,\"a\":2,\"m\":3}";
    assertThat(Json.write(Json.parse(text))).isEqualTo(text);
  }

  @Test
  void reads_what_it_writes() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("", Arrays.asList("\u0000\u001f\"\\\u007f\uD83D\uDE00\uD800", null, true));
    value.put("numbers", List.of(1L, -7L, 0.1, 1e-300, -1.5));
    value.put("nested", Map.of("a", List.of(List.of())));
    assertThat(Json.parse(Json.write(value))).isEqualTo(value);
  }

  @Test
  void writes_compactly() {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("a", List.of(1, 2.5f, "\n"));
    value.put("b", false);
    assertThat(Json.write(value)).isEqualTo("{\"a\":[1,2.5,\"\\u000a\"],\"b\":false}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "''       | 0 | expected a value, got the end of the text",
        "{\"a\"1}  | 4 | 'expected '':'', got \"1\"'",
        "{a:1}     | 1 | expected a name in quotes, got \"a\"",
        "{\"a\":1,}| 7 | expected a name in quotes, got \"}\"",
        "[1 2]     | 3 | 'expected '']'', got \"2\"'",
        "[1] x     | 4 | expected the end of the text, got \"x\"",
        "\"a       | 2 | 'expected ''\"'' at the end of the string, got the end of the text'",
        "\"\\x\"   | 2 | expected an escape, got \"x\"",
        "\"\\u00g0\" | 5 | expected a hexadecimal digit, got \"g\"",
        "-         | 1 | expected a digit, got the end of the text",
        "1e999     | 0 | expected a number that a double can hold",
        "{\"a\":1,\"a\":2} | 7 | 'expected distinct names, got \"a\" twice'",
      })
  void says_what_it_expected(String text, int position, String message) {
    assertThatExceptionOfType(Json.SyntaxException.class)
        .isThrownBy(() -> Json.parse(text))
        .withMessage(message)
        .satisfies(e -> assertThat(e.position()).isEqualTo(position));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01",
        "+1",
        ".5",
        "1.",
        "1e",
        "0x1",
        "NaN",
        "Infinity",
        "nul",
        "True",
        "'a'",
        "[1,]",
        "[,]",
        "[",
        "{",
        "{\"a\":}",
        "{\"a\"}",
        "{1:2}",
        "\"\n\"",
        "\"\\",
        "\"\\u12",
        "//\n1",
        "1 1",
        "\u00a01",
        "\ufeff1",
        "[1",
        "{\"a\":1",
        "}",
        "]",
        ",",
        ":",
        "--1",
        "1-1",
        "\"\\u+123\""
      })
  void refuses_what_is_not_json(String text) {
    assertThatExceptionOfType(Json.SyntaxException.class).isThrownBy(() -> Json.parse(text));
  }

  @Test
  void refuses_deep_nesting_instead_of_overflowing() {
    assertThat(Json.parse("[".repeat(100) + "]".repeat(100))).isInstanceOf(List.class);
    assertThatExceptionOfType(Json.SyntaxException.class)
        .isThrownBy(() -> Json.parse("[".repeat(1_000_000)))
        .withMessage("expected at most 100 levels");
  }

  @Test
  void refuses_to_write_what_json_cannot_say() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.write(List.of(Double.NaN)))
        .withMessage("json: cannot write NaN (Double)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Json.write(Map.of("a", 'c')))
        .withMessage("json: cannot write c (Character)");
  }
}
