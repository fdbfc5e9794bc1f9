package dev.cadenza.audio.dsp;

import java.lang.reflect.RecordComponent;
import java.util.StringJoiner;

/**
 * What a record's own {@code toString} says. Java 17 makes tens of classes to say it for the first
 * time, and its compiler then is busy with what makes classes when a program has just begun.
 */
public final class RecordText {
  private RecordText() {}

  /** The record's name, and its components with their values. */
  public static String of(Record r) {
    Class<?> type = r.getClass();
    StringJoiner text = new StringJoiner(", ", type.getSimpleName() + "[", "]");
    for (RecordComponent component : type.getRecordComponents()) {
      try {
        text.add(component.getName() + "=" + component.getAccessor().invoke(r));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(type + ": " + component + " cannot be read", e);
      }
    }
    return text.toString();
  }
}
