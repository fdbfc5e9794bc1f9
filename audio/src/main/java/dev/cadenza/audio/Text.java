package dev.cadenza.audio;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Words for messages: one readable line whatever a damaged file holds. */
final class Text {

  private Text() {}

  /** {@link String#format} in no language. */
  static String format(String pattern, Object... arguments) {
    return String.format(Locale.ROOT, pattern, arguments);
  }

  /** Up to four letters from index {@code from} on, one a byte. */
  static String fourLetters(byte[] bytes, int from) {
    int length = Math.max(0, Math.min(4, bytes.length - from));
    return new String(bytes, Math.min(from, bytes.length), length, StandardCharsets.ISO_8859_1);
  }

  /** In quotation marks, with a dot for what cannot be printed. */
  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.chars().forEach(c -> out.append(isPrintable(c) ? (char) c : '.'));
    return out.append('"').toString();
  }

  /** Whether this is a letter, digit, sign or space of ASCII. */
  static boolean isPrintable(int c) {
    return c >= 0x20 && c < 0x7f;
  }
}
