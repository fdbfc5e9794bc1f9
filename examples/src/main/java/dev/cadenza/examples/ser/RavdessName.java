package dev.cadenza.examples.ser;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a RAVDESS file name says: {@code MM-VV-EE-II-SS-RR-AA}, seven numbers of two digits.
 *
 * @param modality {@code MM}
 * @param channel {@code VV}
 * @param emotion {@code EE}
 * @param intensity {@code II}; neutral has no strong form
 * @param statement {@code SS}, 1 "Kids are talking by the door" or 2 "Dogs are sitting by the door"
 * @param repetition {@code RR}, 1 or 2
 * @param actor {@code AA}, 1 to 24; odd numbers are men, even ones women
 */
public record RavdessName(
    Modality modality,
    Channel channel,
    Emotion emotion,
    Intensity intensity,
    int statement,
    int repetition,
    int actor) {

  /** Number of actors in the whole corpus. */
  public static final int ACTORS = 24;

  private static final String FORM = "MM-VV-EE-II-SS-RR-AA.wav";
  private static final Pattern PATTERN =
      Pattern.compile("(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d\\d)-(\\d\\d)(?:\\.\\w+)?");

  /** What was recorded; the constants are in the order of their codes. */
  public enum Modality {
    AUDIO_VIDEO,
    VIDEO,
    AUDIO
  }

  /** How it was uttered; the constants are in the order of their codes. */
  public enum Channel {
    SPEECH,
    SONG
  }

  /** How strongly it was acted; the constants are in the order of their codes. */
  public enum Intensity {
    NORMAL,
    STRONG
  }

  /** Sex of the actor, which RAVDESS encodes in the actor's number. */
  public enum Gender {
    MALE,
    FEMALE
  }

  /** Checks the numbers against their ranges. */
  public RavdessName {
    check("statement", statement, 2);
    check("repetition", repetition, 2);
    check("actor", actor, ACTORS);
    if (emotion == Emotion.NEUTRAL && intensity == Intensity.STRONG) {
      throw new IllegalArgumentException("neutral has no strong intensity");
    }
  }

  /**
   * Reads a file name, with or without its extension, without folders.
   *
   * @throws IllegalArgumentException naming the file and the field that is wrong
   */
  public static RavdessName parse(String fileName) {
    Matcher m = PATTERN.matcher(fileName);
    if (!m.matches()) {
      throw new IllegalArgumentException("'" + fileName + "' is not named like " + FORM);
    }
    try {
      return new RavdessName(
          constant("modality", Modality.values(), number(m, 1)),
          constant("vocal channel", Channel.values(), number(m, 2)),
          constant("emotion", Emotion.values(), number(m, 3)),
          constant("intensity", Intensity.values(), number(m, 4)),
          number(m, 5),
          number(m, 6),
          number(m, 7));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + fileName + "': " + e.getMessage(), e);
    }
  }

  /** Sex of the actor. */
  public Gender gender() {
    return actor % 2 == 1 ? Gender.MALE : Gender.FEMALE;
  }

  /** The name without extension, as RAVDESS writes it. */
  public String stem() {
    return String.format(
        Locale.ROOT,
        "%02d-%02d-%02d-%02d-%02d-%02d-%02d",
        code(Modality.values(), modality),
        code(Channel.values(), channel),
        emotion.code(),
        code(Intensity.values(), intensity),
        statement,
        repetition,
        actor);
  }

  private static int number(Matcher m, int group) {
    return Integer.parseInt(m.group(group));
  }

  private static <T> T constant(String what, T[] constants, int code) {
    check(what, code, constants.length);
    return constants[code - 1];
  }

  private static <T> int code(T[] constants, T constant) {
    return List.of(constants).indexOf(constant) + 1;
  }

  private static void check(String what, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(what + " is " + value + ", expected 1 to " + max);
    }
  }
}
