package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProtocolTest {

  /** The clips that RAVDESS has of these actors: 60 each, 4 of them neutral. */
  private static List<Clip> clipsOf(int... actors) {
    List<Clip> clips = new ArrayList<>();
    for (RavdessName name : SyntheticCorpus.allNames()) {
      if (IntStream.of(actors).anyMatch(actor -> actor == name.actor())) {
        clips.add(SplitTest.clip(name));
      }
    }
    assertThat(clips).hasSize(60 * actors.length);
    return clips;
  }

  private static List<Clip> clipsOfAll() {
    return clipsOf(IntStream.rangeClosed(1, 24).toArray());
  }

  private static List<Set<Integer>> testActors(List<Split> splits) {
    return splits.stream().map(s -> Set.copyOf(Corpus.actorsOf(s.test()))).toList();
  }

  @ParameterizedTest
  @EnumSource(Protocol.class)
  void parts_share_nothing_and_cover_everything(Protocol protocol) {
    List<Clip> clips = clipsOfAll();
    List<Split> splits = protocol.splits(clips, 42);
    for (Split split : splits) {
      Set<Clip> all = new HashSet<>(split.train());
      all.addAll(split.validation());
      all.addAll(split.test());
      assertThat(all).hasSameSizeAs(clips);
      assertThat(split.train().size() + split.validation().size() + split.test().size())
          .isEqualTo(clips.size());
      assertThat(split.folds()).isEqualTo(splits.size());
    }
  }

  @Test
  void random_takes_a_tenth_of_each_emotion() {
    List<Split> splits = Protocol.RANDOM.splits(clipsOfAll(), 1);
    assertThat(splits).hasSize(1);
    Split split = splits.get(0);
    // 96 neutral clips and 192 of each other emotion
    for (List<Clip> part : List.of(split.test(), split.validation())) {
      Map<Emotion, Integer> counts = new HashMap<>();
      part.forEach(clip -> counts.merge(clip.name().emotion(), 1, Integer::sum));
      assertThat(counts).hasSize(8).containsEntry(Emotion.NEUTRAL, 10);
      counts.remove(Emotion.NEUTRAL);
      assertThat(counts.values()).containsOnly(19);
    }
    assertThat(split.train()).hasSize(1440 - 2 * (10 + 7 * 19));
    assertThat(split.title()).isEqualTo("random");
  }

  @Test
  void speaker_has_the_published_folds_of_all_actors() {
    assertThat(testActors(Protocol.SPEAKER.splits(clipsOfAll(), 1)))
        .containsExactly(
            Set.of(2, 5, 14, 15, 16),
            Set.of(3, 6, 7, 13, 18),
            Set.of(10, 11, 12, 19, 20),
            Set.of(8, 17, 21, 23, 24),
            Set.of(1, 4, 9, 22));
    assertThat(testActors(Protocol.SPEAKER_EMOBOX.splits(clipsOfAll(), 1)))
        .containsExactly(
            Set.of(1, 11, 20, 21),
            Set.of(4, 10, 12, 14),
            Set.of(8, 9, 19, 23),
            Set.of(3, 5, 7, 24),
            Set.of(2, 15, 16, 18),
            Set.of(6, 13, 17, 22));
    assertThat(testActors(Protocol.SPEAKER_LOSO.splits(clipsOfAll(), 1)))
        .isEqualTo(IntStream.rangeClosed(1, 24).mapToObj(Set::of).toList());
  }

  @ParameterizedTest
  @CsvSource({"3, 3, 1", "5, 3, 2", "16, 4, 4", "23, 6, 4"})
  void speaker_shuffles_fewer_actors_into_folds_of_at_most_four(int actors, int folds, int most) {
    List<Split> splits =
        Protocol.SPEAKER.splits(clipsOf(IntStream.rangeClosed(1, actors).toArray()), 9);
    List<Set<Integer>> tests = testActors(splits);
    assertThat(tests).hasSize(folds);
    assertThat(tests.stream().flatMap(Set::stream)).doesNotHaveDuplicates().hasSize(actors);
    assertThat(tests.stream().mapToInt(Set::size).max()).hasValue(most);
    assertThat(splits.get(1).title()).isEqualTo("speaker, fold 2 of " + folds);
  }

  @Test
  void validation_actors_are_men_and_women_that_are_neither_in_training_nor_in_the_test() {
    for (Split split : Protocol.SPEAKER.splits(clipsOfAll(), 5)) {
      Collection<Integer> validation = Corpus.actorsOf(split.validation());
      assertThat(validation).hasSize(3).doesNotContainAnyElementsOf(Corpus.actorsOf(split.train()));
      assertThat(validation).doesNotContainAnyElementsOf(Corpus.actorsOf(split.test()));
      assertThat(validation.stream().map(actor -> actor % 2)).contains(0, 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"RANDOM", "SPEAKER"})
  void the_seed_decides(Protocol protocol) {
    List<Clip> clips = clipsOf(1, 2, 3, 4, 5, 6, 7, 8);
    List<Split> first = protocol.splits(clips, 1);
    assertThat(protocol.splits(clips, 1)).isEqualTo(first);
    assertThat(protocol.splits(clips, 2)).isNotEqualTo(first);
  }

  @Test
  void refuses_too_few_actors() {
    assertThatThrownBy(() -> Protocol.SPEAKER.splits(clipsOf(4, 9), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("protocol speaker needs 3 actors or more, found 2");
    assertThatThrownBy(() -> Protocol.SPEAKER_EMOBOX.splits(clipsOf(1, 2, 3, 4), 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("protocol speaker-emobox needs all 24 actors, found 4");
  }

  @Test
  void is_found_by_its_name() {
    assertThat(Protocol.of("speaker-loso")).isEqualTo(Protocol.SPEAKER_LOSO);
    assertThatThrownBy(() -> Protocol.of("both"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "protocol is 'both', expected one of random, speaker, speaker-emobox, speaker-loso");
  }
}
