package dev.cadenza.examples.ser;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The eight emotions of RAVDESS in the order of their codes: {@code 01} is {@link #NEUTRAL}, {@code
 * 08} is {@link #SURPRISED}. The {@linkplain #label() label} is the index of the network's output.
 */
public enum Emotion {
  NEUTRAL(1),
  CALM(2),
  HAPPY(3),
  SAD(4),
  ANGRY(5),
  FEARFUL(6),
  DISGUST(7),
  SURPRISED(8);

  private final int code;

  Emotion(int code) {
    this.code = code;
  }

  /** Class index of the network, 0 to 7. */
  public int label() {
    return code - 1;
  }

  /** The two digits in a RAVDESS file name, 1 to 8. */
  public int code() {
    return code;
  }

  /** Lower-case English name, for reports. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The names of all classes in the order of their labels. */
  public static List<String> texts() {
    return Arrays.stream(values()).map(Emotion::text).toList();
  }
}
