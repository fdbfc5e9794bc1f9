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

  /** What a file is that starts with these bytes, empty if that cannot be told. */
  static String kindOfFile(byte[] head) {
    int sync = head.length < 2 ? 0 : ((head[0] & 0xff) << 8) | (head[1] & 0xe0);
    if (sync == 0xffe0) {
      return "MP3";
    }
    return switch (fourLetters(head, 0)) {
      case "ID3\2", "ID3\3", "ID3\4" -> "MP3";
      case "OggS" -> "Ogg";
      case "FORM" -> "AIFF";
      case ".snd" -> "AU";
      default -> fourLetters(head, 4).equals("ftyp") ? "MP4" : "";
    };
  }

  /** What went wrong, without the line breaks that a message may have. */
  static String oneLine(Exception e) {
    return e.toString().replaceAll("\\s+", " ");
  }

  /** Whether this is a letter, digit, sign or space of ASCII. */
  static boolean isPrintable(int c) {
    return c >= 0x20 && c < 0x7f;
  }
}
