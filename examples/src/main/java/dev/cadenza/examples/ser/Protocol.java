package dev.cadenza.examples.ser;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How clips are divided into training, validation and test parts. */
public enum Protocol {

  /**
   * One split: a tenth of each emotion for the test, a tenth for validation. The same actors are in
   * all parts, so the result says little about voices that the network has not heard.
   */
  RANDOM,

  /**
   * No actor of the test part is in training. With all 24 actors the five folds of Luna-Jimenez et
   * al. (2021); with fewer, folds of at most four actors by a seeded shuffle.
   */
  SPEAKER,

  /** Like {@link #SPEAKER}, with the six folds of EmoBox (2024); needs all 24 actors. */
  SPEAKER_EMOBOX,

  /** Leave one speaker out: as many folds as actors. */
  SPEAKER_LOSO;

  private static final List<Set<Integer>> LUNA_JIMENEZ =
      List.of(
          Set.of(2, 5, 14, 15, 16),
          Set.of(3, 6, 7, 13, 18),
          Set.of(10, 11, 12, 19, 20),
          Set.of(8, 17, 21, 23, 24),
          Set.of(1, 4, 9, 22));

  private static final List<Set<Integer>> EMOBOX =
      List.of(
          Set.of(1, 11, 20, 21),
          Set.of(4, 10, 12, 14),
          Set.of(8, 9, 19, 23),
          Set.of(3, 5, 7, 24),
          Set.of(2, 15, 16, 18),
          Set.of(6, 13, 17, 22));

  private static final int LARGEST_SHUFFLED_FOLD = 4;

  /** Of so many actors outside the test, one is held out of training to choose the epoch. */
  private static final int ACTORS_PER_VALIDATION_ACTOR = 6;

  /** The name on the command line, like {@code speaker-emobox}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /**
   * The protocol of that name.
   *
   * @throws IllegalArgumentException listing the names there are
   */
  public static Protocol of(String text) {
    return Arrays.stream(values())
        .filter(protocol -> protocol.text().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "protocol is '"
                        + text
                        + "', expected one of "
                        + Arrays.stream(values())
                            .map(Protocol::text)
                            .collect(Collectors.joining(", "))));
  }

  /** Whether the test part has no actor in common with the others. */
  public boolean speakerIndependent() {
    return this != RANDOM;
  }

  /**
   * All splits of this protocol. Every clip is in the test part of exactly one of them, except that
   * {@link #RANDOM} makes one split only.
   *
   * @param clips in the order of {@link Corpus#clips()}
   * @param seed the same seed gives the same splits, whatever the Java release
   * @throws IllegalArgumentException if there are too few clips or actors
   */
  public List<Split> splits(List<Clip> clips, long seed) {
    if (this == RANDOM) {
      return List.of(stratified(clips, seed));
    }
    List<Set<Integer>> folds = folds(Corpus.actorsOf(clips), seed);
    return IntStream.range(0, folds.size())
        .mapToObj(
            i -> {
              Set<Integer> test = folds.get(i);
              Set<Integer> validation = validationActors(Corpus.actorsOf(clips), test, seed + i);
              return new Split(
                  this,
                  i + 1,
                  folds.size(),
                  ofActors(clips, actor -> !test.contains(actor) && !validation.contains(actor)),
                  ofActors(clips, validation::contains),
                  ofActors(clips, test::contains));
            })
        .toList();
  }

  private static Split stratified(List<Clip> clips, long seed) {
    Random random = new Random(seed);
    List<Clip> train = new ArrayList<>();
    List<Clip> validation = new ArrayList<>();
    List<Clip> test = new ArrayList<>();
    for (Emotion emotion : Emotion.values()) {
      List<Clip> shuffled =
          new ArrayList<>(clips.stream().filter(c -> c.name().emotion() == emotion).toList());
      Collections.shuffle(shuffled, random);
      int n = shuffled.size();
      int tenth = n < 3 ? 0 : Math.max(1, Math.round(n / 10f));
      test.addAll(shuffled.subList(0, tenth));
      validation.addAll(shuffled.subList(tenth, 2 * tenth));
      train.addAll(shuffled.subList(2 * tenth, n));
    }
    return new Split(RANDOM, 1, 1, train, validation, test);
  }

  private List<Set<Integer>> folds(SortedSet<Integer> actors, long seed) {
    boolean all = actors.size() == RavdessName.ACTORS;
    if (actors.size() < 3) {
      throw new IllegalArgumentException(
          "protocol " + text() + " needs 3 actors or more, found " + actors.size());
    }
    if (this == SPEAKER_EMOBOX) {
      if (!all) {
        throw new IllegalArgumentException(
            "protocol " + text() + " needs all 24 actors, found " + actors.size());
      }
      return EMOBOX;
    }
    if (this == SPEAKER_LOSO) {
      return actors.stream().map(Set::of).toList();
    }
    return all ? LUNA_JIMENEZ : shuffledFolds(actors, seed);
  }

  private static List<Set<Integer>> shuffledFolds(SortedSet<Integer> actors, long seed) {
    List<Integer> shuffled = shuffled(actors.stream(), seed);
    int n = shuffled.size();
    int folds = Math.max(3, (n + LARGEST_SHUFFLED_FOLD - 1) / LARGEST_SHUFFLED_FOLD);
    return IntStream.range(0, folds)
        .mapToObj(i -> Set.copyOf(shuffled.subList(i * n / folds, (i + 1) * n / folds)))
        .toList();
  }

  /** Takes men and women in turn, because a network is not equally good at both. */
  private static Set<Integer> validationActors(
      SortedSet<Integer> actors, Set<Integer> test, long seed) {
    List<Integer> candidates =
        shuffled(actors.stream().filter(Predicate.not(test::contains)), seed);
    int wanted = Math.max(1, candidates.size() / ACTORS_PER_VALIDATION_ACTOR);
    Set<Integer> chosen = new TreeSet<>();
    for (int i = 0; i < wanted; i++) {
      int parity = i % 2;
      Integer next =
          candidates.stream()
              .filter(actor -> actor % 2 == parity)
              .findFirst()
              .orElse(candidates.get(0));
      candidates.remove(next);
      chosen.add(next);
    }
    return chosen;
  }

  private static List<Integer> shuffled(Stream<Integer> actors, long seed) {
    List<Integer> list = new ArrayList<>(actors.toList());
    Collections.shuffle(list, new Random(seed));
    return list;
  }

  private static List<Clip> ofActors(List<Clip> clips, IntPredicate actor) {
    return clips.stream().filter(clip -> actor.test(clip.actor())).toList();
  }
}
