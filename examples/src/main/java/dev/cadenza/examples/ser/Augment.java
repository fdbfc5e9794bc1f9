package dev.cadenza.examples.ser;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import dev.cadenza.audio.augment.Augmentation;
import dev.cadenza.audio.augment.Noise;
import dev.cadenza.audio.augment.Pitch;
import dev.cadenza.audio.augment.Range;
import dev.cadenza.audio.augment.Room;
import dev.cadenza.audio.augment.SpecAugment;
import dev.cadenza.audio.augment.Speed;
import dev.cadenza.audio.augment.Tempo;
import dev.cadenza.audio.augment.TimeShift;
import dev.cadenza.audio.augment.VocalTractLength;
import dev.cadenza.audio.feature.Features;
import dev.cadenza.data.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the training part is varied by; written {@code none}, or as names joined by commas. Of
 * recordings, two copies are made, each changed by everything named, in the order of {@link Kind}.
 *
 * @param kinds each once, in their order
 */
public record Augment(List<Kind> kinds) {

  /** Clips as they were recorded. */
  public static final Augment NONE = new Augment(List.of());

  private static final int COPIES = 2;

  /** One variation, as it stands on the command line. */
  @SuppressWarnings("ImmutableEnumChecker") // records of numbers
  public enum Kind {
    VTLP(new VocalTractLength(Range.of(0.9, 1.1))),
    PITCH(new Pitch(Range.of(-2, 2))),
    SPEED(new Speed(Range.of(0.9, 1.1))),
    TEMPO(new Tempo(Range.of(0.9, 1.1))),
    SHIFT(new TimeShift(Range.of(-0.2, 0.2))),
    ROOM(new Room(Range.of(3, 8), Range.of(0.1, 0.4))),
    NOISE(new Noise(Noise.Color.WHITE, Range.of(15, 30))),
    /** No change of recordings: see {@link Augment#masked}. */
    SPECAUGMENT(null);

    private final @Nullable Augmentation ofRecordings;

    Kind(@Nullable Augmentation ofRecordings) {
      this.ofRecordings = ofRecordings;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static Kind parse(String name) {
      return Arrays.stream(values())
          .filter(kind -> kind.name().equalsIgnoreCase(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "'" + name + "' is none of " + join(List.of(values()), ", ")));
    }
  }

  public Augment {
    kinds = kinds.stream().distinct().sorted().toList();
  }

  /**
   * The inverse of {@link #toString}, in any order and case.
   *
   * @throws IllegalArgumentException if a name is unknown
   */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Augment parse(String text) {
    return text.equalsIgnoreCase(NONE.toString())
        ? NONE
        : new Augment(Stream.of(text.split(",", -1)).map(Kind::parse).toList());
  }

  /** How many changed copies of a clip there are besides the clip as it was recorded. */
  int copies() {
    return ofRecordings().isPresent() ? COPIES : 0;
  }

  /** What makes a copy of a recording; empty if nothing named does. Its length may differ. */
  Optional<Augmentation> ofRecordings() {
    return kinds.stream()
        .flatMap(kind -> Stream.ofNullable(kind.ofRecordings))
        .reduce(Augmentation::then);
  }

  /**
   * Scaled features [1, F, T] with masks, other ones in every epoch, if they are named: two over up
   * to a fifth of the bins, two over up to a tenth of the time.
   */
  Dataset masked(Dataset scaled, long seed) {
    if (!kinds.contains(Kind.SPECAUGMENT)) {
      return scaled;
    }
    int bins = scaled.shape().dim(1);
    int frames = scaled.shape().dim(2);
    SpecAugment masks = new SpecAugment(2, bins / 5 + 1, 2, frames / 10 + 1);
    return scaled.augmented(
        seed,
        (features, rng) -> {
          Features masked = masks.apply(new Features(features, bins, frames), rng);
          System.arraycopy(masked.values(), 0, features, 0, features.length);
        });
  }

  @JsonValue
  @Override
  public String toString() {
    return kinds.isEmpty() ? "none" : join(kinds, ",");
  }

  private static String join(List<Kind> kinds, String by) {
    return kinds.stream().map(Kind::toString).collect(Collectors.joining(by));
  }
}
