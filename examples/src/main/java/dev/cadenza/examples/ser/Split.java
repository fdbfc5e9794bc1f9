package dev.cadenza.examples.ser;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The clips of one experiment in three parts that share nothing.
 *
 * <p>A split that leaks cannot be built: the constructor refuses a clip (by name or by content) in
 * two parts and, where the protocol promises unseen speakers, an actor in two parts. A split holds
 * clips as they were recorded; augmented copies are made later, of {@link #train} alone.
 *
 * @param protocol how it was made
 * @param fold number of this split within its protocol, from 1
 * @param folds how many splits the protocol makes of this corpus
 * @param train what the network and the feature scaling learn from
 * @param validation what chooses the epoch; never part of the test
 * @param test what the reported figures come from
 */
public record Split(
    Protocol protocol,
    int fold,
    int folds,
    List<Clip> train,
    List<Clip> validation,
    List<Clip> test) {

  /**
   * Checks the parts against each other.
   *
   * @throws IllegalArgumentException if a part is empty or two parts share what they must not
   */
  public Split {
    train = List.copyOf(train);
    validation = List.copyOf(validation);
    test = List.copyOf(test);
    Map<String, List<Clip>> parts = new LinkedHashMap<>();
    parts.put("training", train);
    parts.put("validation", validation);
    parts.put("test", test);
    refuseShared(parts, Clip::name, clip -> "clip " + clip.name().stem());
    refuseShared(parts, Clip::sha256, clip -> "the content of clip " + clip.name().stem());
    if (protocol.speakerIndependent()) {
      refuseShared(parts, Clip::actor, clip -> "actor " + clip.actor());
    }
  }

  /** For messages and reports, like {@code speaker, fold 2 of 5}. */
  public String title() {
    return folds == 1 ? protocol.text() : protocol.text() + ", fold " + fold + " of " + folds;
  }

  private static void refuseShared(
      Map<String, List<Clip>> parts, Function<Clip, Object> key, Function<Clip, String> text) {
    Map<Object, String> owner = new HashMap<>();
    parts.forEach(
        (part, clips) -> {
          if (clips.isEmpty()) {
            throw new IllegalArgumentException("split: the " + part + " part has no clip");
          }
          for (Clip clip : clips) {
            String other = owner.putIfAbsent(key.apply(clip), part);
            if (other != null && !other.equals(part)) {
              throw new IllegalArgumentException(
                  "split: "
                      + text.apply(clip)
                      + " is in the "
                      + other
                      + " and the "
                      + part
                      + " part");
            }
          }
        });
  }
}
