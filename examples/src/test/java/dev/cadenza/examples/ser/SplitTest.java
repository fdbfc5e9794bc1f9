package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Every way in which a split could leak is refused. */
class SplitTest {

  private static final Clip ONE = clip("03-01-01-01-01-01-01");
  private static final Clip TWO = clip("03-01-02-01-01-01-02");
  private static final Clip THREE = clip("03-01-03-01-01-01-03");

  /** A clip whose content is as unique as its name. */
  static Clip clip(RavdessName name) {
    return new Clip(name, name.stem(), "hash of " + name.stem(), () -> new byte[0]);
  }

  private static Clip clip(String stem) {
    return clip(RavdessName.parse(stem));
  }

  private static Split split(
      Protocol protocol, List<Clip> train, List<Clip> validation, List<Clip> test) {
    return new Split(protocol, 1, 1, train, validation, test);
  }

  private static void refused(
      String message, Protocol protocol, List<Clip> train, List<Clip> validation, List<Clip> test) {
    assertThatThrownBy(() -> split(protocol, train, validation, test))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void accepts_parts_that_share_nothing() {
    Split split = split(Protocol.SPEAKER, List.of(ONE), List.of(TWO), List.of(THREE));
    assertThat(split.test()).containsExactly(THREE);
  }

  @Test
  void refuses_an_actor_in_two_parts_if_speakers_are_to_be_unseen() {
    Clip other = clip("03-01-06-02-02-02-01");
    refused(
        "split: actor 1 is in the training and the test part",
        Protocol.SPEAKER,
        List.of(ONE),
        List.of(TWO),
        List.of(THREE, other));
    refused(
        "split: actor 1 is in the training and the validation part",
        Protocol.SPEAKER_LOSO,
        List.of(ONE),
        List.of(TWO, other),
        List.of(THREE));
    refused(
        "split: actor 2 is in the validation and the test part",
        Protocol.SPEAKER_EMOBOX,
        List.of(ONE),
        List.of(TWO),
        List.of(THREE, clip("03-01-06-02-02-02-02")));
    assertThat(split(Protocol.RANDOM, List.of(ONE), List.of(TWO), List.of(THREE, other)).test())
        .hasSize(2);
  }

  @Test
  void refuses_a_clip_in_two_parts() {
    refused(
        "split: clip 03-01-01-01-01-01-01 is in the training and the test part",
        Protocol.RANDOM,
        List.of(ONE),
        List.of(TWO),
        List.of(THREE, ONE));
    refused(
        "split: clip 03-01-02-01-01-01-02 is in the validation and the test part",
        Protocol.RANDOM,
        List.of(ONE),
        List.of(TWO),
        List.of(TWO));
  }

  @Test
  void refuses_the_same_content_under_another_name() {
    Clip copy = new Clip(THREE.name(), "copy", ONE.sha256(), () -> new byte[0]);
    refused(
        "split: the content of clip 03-01-03-01-01-01-03 is in the training and the test part",
        Protocol.RANDOM,
        List.of(ONE),
        List.of(TWO),
        List.of(copy));
  }

  @Test
  void refuses_an_empty_part() {
    refused(
        "split: the training part has no clip",
        Protocol.RANDOM,
        List.of(),
        List.of(TWO),
        List.of(THREE));
    refused(
        "split: the test part has no clip", Protocol.RANDOM, List.of(ONE), List.of(TWO), List.of());
  }

  @Test
  void cannot_be_changed_afterwards() {
    Split split = split(Protocol.SPEAKER, List.of(ONE), List.of(TWO), List.of(THREE));
    assertThatThrownBy(() -> split.train().add(THREE))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
