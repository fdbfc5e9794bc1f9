package dev.cadenza.io;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON (RFC 8259) as plain Java values: objects are {@code Map<String, Object>} in the order of the
 * text, arrays {@code List<Object>}, strings {@code String}, numbers {@code Long} where they are
 * written as integers that fit and {@code Double} elsewhere, then {@code Boolean} and {@code null}.
 *
 * <p>Reading is strict: no comments, no trailing commas, no duplicate keys, no number beyond a
 * double, at most {@value #MAX_DEPTH} levels.
 */
public final class Json {
  private static final int MAX_DEPTH = 100;

  private final String text;
  private int at;
  private int depth;

  private Json(String text) {
    this.text = text;
  }

  /** A text that is not JSON. */
  public static final class SyntaxException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;
    private final int position;

    SyntaxException(int position, String problem) {
      super(problem);
      this.position = position;
    }

    /** Where in the text, in chars from 0. */
    public int position() {
      return position;
    }
  }

  /**
   * The value that a text stands for.
   *
   * @throws SyntaxException if the text is anything but one JSON value
   */
  public static @Nullable Object parse(String text) {
    Json json = new Json(text);
    Object value = json.value();
    json.skipSpace();
    if (json.at < text.length()) {
      throw json.expected("the end of the text");
    }
    return value;
  }

  /**
   * The object that a text stands for.
   *
   * @throws SyntaxException if the text is anything but one JSON object
   */
  @SuppressWarnings("unchecked") // the parser makes no other maps
  public static Map<String, @Nullable Object> parseObject(String text) {
    if (parse(text) instanceof Map<?, ?> object) {
      return (Map<String, @Nullable Object>) object;
    }
    throw new SyntaxException(0, "expected an object");
  }

  private @Nullable Object value() {
    skipSpace();
    int c = peek();
    if (c == '{' || c == '[') {
      if (++depth > MAX_DEPTH) {
        throw new SyntaxException(at, "expected at most " + MAX_DEPTH + " levels");
      }
      Object value = c == '{' ? object() : array();
      depth--;
      return value;
    }
    if (c == '"') {
      return string();
    }
    if (c == '-' || isDigit(c)) {
      return number();
    }
    if (skipWord("true")) {
      return true;
    }
    if (skipWord("false")) {
      return false;
    }
    if (skipWord("null")) {
      return null;
    }
    throw expected("a value");
  }

  private Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    at++;
    skipSpace();
    if (skip('}')) {
      return object;
    }
    do {
      skipSpace();
      int start = at;
      if (peek() != '"') {
        throw expected("a name in quotes");
      }
      String name = string();
      skipSpace();
      require(':');
      if (object.containsKey(name)) {
        throw new SyntaxException(start, "expected distinct names, got " + quote(name) + " twice");
      }
      object.put(name, value());
      skipSpace();
    } while (skip(','));
    require('}');
    return object;
  }

  private List<@Nullable Object> array() {
    List<@Nullable Object> array = new ArrayList<>();
    at++;
    skipSpace();
    if (skip(']')) {
      return array;
    }
    do {
      array.add(value());
      skipSpace();
    } while (skip(','));
    require(']');
    return array;
  }

  private String string() {
    StringBuilder s = new StringBuilder();
    at++;
    while (!skip('"')) {
      int c = peek();
      if (c < ' ') {
        throw expected("'\"' at the end of the string");
      }
      at++;
      s.append(c == '\\' ? escaped() : (char) c);
    }
    return s.toString();
  }

  private char escaped() {
    int c = peek();
    int known = "\"\\/bfnrt".indexOf(c);
    if (known >= 0) {
      at++;
      return "\"\\/\b\f\n\r\t".charAt(known);
    }
    if (c != 'u') {
      throw expected("an escape");
    }
    at++;
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = "0123456789abcdef".indexOf(Character.toLowerCase(peek()));
      if (digit < 0) {
        throw expected("a hexadecimal digit");
      }
      code = code * 16 + digit;
      at++;
    }
    return (char) code;
  }

  private Number number() {
    int start = at;
    skip('-');
    if (!skip('0')) {
      digits();
    }
    boolean integer = true;
    if (skip('.')) {
      integer = false;
      digits();
    }
    if (skip('e') || skip('E')) {
      integer = false;
      if (!skip('+')) {
        skip('-');
      }
      digits();
    }
    String number = text.substring(start, at);
    if (integer) {
      try {
        return Long.valueOf(number);
      } catch (NumberFormatException e) {
        // an integer beyond a long: a double is as close as it gets
      }
    }
    double value = Double.parseDouble(number);
    if (Double.isInfinite(value)) {
      throw new SyntaxException(start, "expected a number that a double can hold");
    }
    return value;
  }

  private void digits() {
    if (!isDigit(peek())) {
      throw expected("a digit");
    }
    while (isDigit(peek())) {
      at++;
    }
  }

  private static boolean isDigit(int c) {
    return c >= '0' && c <= '9';
  }

  /** The next char, or -1 at the end. */
  private int peek() {
    return at < text.length() ? text.charAt(at) : -1;
  }

  private boolean skip(char c) {
    boolean found = peek() == c;
    if (found) {
      at++;
    }
    return found;
  }

  private boolean skipWord(String word) {
    boolean found = text.startsWith(word, at);
    if (found) {
      at += word.length();
    }
    return found;
  }

  private void skipSpace() {
    while (" \t\n\r".indexOf(peek()) >= 0) {
      at++;
    }
  }

  private void require(char c) {
    if (!skip(c)) {
      throw expected("'" + c + "'");
    }
  }

  private SyntaxException expected(String what) {
    int c = peek();
    String got = c < 0 ? "the end of the text" : quote(String.valueOf((char) c));
    return new SyntaxException(at, "expected " + what + ", got " + got);
  }

  /**
   * A value as compact JSON text.
   *
   * @param value what {@link #parse} returns, or any {@code Map}, {@code Iterable} or {@code
   *     Number} like it
   * @throws IllegalArgumentException if something else is in it, or a number is not finite
   */
  public static String write(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(value, out);
    return out.toString();
  }

  private static void write(@Nullable Object value, StringBuilder out) {
    if (value instanceof String s) {
      out.append(quote(s));
    } else if (value instanceof Map<?, ?> map) {
      String before = "";
      out.append('{');
      for (Map.Entry<?, ?> e : map.entrySet()) {
        out.append(before).append(quote(String.valueOf(e.getKey()))).append(':');
        write(e.getValue(), out);
        before = ",";
      }
      out.append('}');
    } else if (value instanceof Iterable<?> list) {
      String before = "";
      out.append('[');
      for (Object item : list) {
        out.append(before);
        write(item, out);
        before = ",";
      }
      out.append(']');
    } else if (value == null || value instanceof Boolean || isFinite(value)) {
      out.append(value);
    } else {
      throw new IllegalArgumentException(
          "json: cannot write " + value + " (" + value.getClass().getSimpleName() + ")");
    }
  }

  private static boolean isFinite(Object value) {
    return value instanceof Number n && Double.isFinite(n.doubleValue());
  }

  private static String quote(String s) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
