package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.augment.Noise;
import dev.cadenza.audio.augment.Range;
import dev.cadenza.data.ArrayDataset;
import dev.cadenza.data.Dataset;
import dev.cadenza.data.Seeds;
import dev.cadenza.examples.ser.Augment.Kind;
import dev.cadenza.shape.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class AugmentTest {

  /** What a file of a former version says of its recipe. */
  private record Former(Augment augment) {}

  @Test
  void is_written_as_names_joined_by_commas() {
    assertThat(Augment.parse("noise,Pitch,noise"))
        .isEqualTo(new Augment(List.of(Kind.PITCH, Kind.NOISE)))
        .hasToString("pitch,noise");
    assertThat(Augment.parse("none")).isEqualTo(Augment.NONE).hasToString("none");
    for (String text : List.of("none,noise", "", "noise,")) {
      String unknown = text.startsWith("none") ? "none" : "";
      assertThatThrownBy(() -> Augment.parse(text))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "'"
                  + unknown
                  + "' is none of vtlp, pitch, speed, tempo, shift, room, noise, specaugment");
    }
  }

  @Test
  void is_text_in_json_as_it_was_before_there_were_several() {
    Former both = new Former(new Augment(List.of(Kind.NOISE, Kind.SPECAUGMENT)));
    assertThat(Json.text(both)).contains("\"augment\": \"noise,specaugment\"");
    assertThat(Json.read(Json.text(both), Former.class)).isEqualTo(both);
    assertThat(Json.read("{\"augment\": \"NOISE\"}", Former.class))
        .isEqualTo(new Former(Augment.parse("noise")));
    assertThat(Json.read("{\"augment\": \"NONE\"}", Former.class))
        .isEqualTo(new Former(Augment.NONE));
  }

  @Test
  void noise_alone_is_that_of_the_reference_recipe() throws IOException {
    FrontEnd frontEnd = new FrontEnd(Tiny.FEATURES);
    Clip clip = Tiny.split().train().get(0);
    float[] signal =
        frontEnd.signal(
            AudioFile.read(new ByteArrayInputStream(clip.source().read()), clip.location()));
    Dataset data =
        new FeatureStore(frontEnd).augmented(List.of(clip), Augment.parse("noise"), 9).data();
    for (int copy = 1; copy <= 2; copy++) {
      float[] noisy =
          new Noise(Noise.Color.WHITE, Range.of(15, 30))
              .apply(signal, 48_000, Seeds.of(9, copy, clip.name().stem().hashCode()));
      assertThat(read(data, copy)).containsExactly(frontEnd.features(noisy));
    }
  }

  @Test
  void a_copy_has_the_size_of_the_clip_whatever_changes_its_length() throws IOException {
    List<Clip> one = Tiny.split().train().subList(0, 1);
    Augment augment = new Augment(List.of(Kind.values()));
    Dataset data = new FeatureStore(new FrontEnd(Tiny.FEATURES)).augmented(one, augment, 9).data();
    assertThat(data.size()).isEqualTo(3);
    assertThat(data.shape()).isEqualTo(Shape.of(1, 8, 47));
    assertThat(read(data, 1)).isNotEqualTo(read(data, 0)).isNotEqualTo(read(data, 2));
  }

  @Test
  void masks_are_drawn_anew_in_every_epoch_for_every_example() {
    float[] ramp = new float[20 * 50];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = i;
    }
    Dataset plain = new ArrayDataset(Shape.of(1, 20, 50), List.of(ramp, ramp), new int[2]);
    assertThat(Augment.parse("noise").masked(plain, 4)).isSameAs(plain);
    Dataset masked = Augment.parse("specaugment").masked(plain, 4);
    float[] first = read(masked.inEpoch(1), 0);
    assertThat(read(masked.inEpoch(1), 0)).containsExactly(first);
    assertThat(read(masked.inEpoch(2), 0)).isNotEqualTo(first);
    assertThat(read(masked.inEpoch(1), 1)).isNotEqualTo(first);
    assertThat(read(plain, 0)).containsExactly(ramp);
  }

  private static float[] read(Dataset data, int index) {
    float[] features = new float[data.shape().size()];
    data.read(index, features);
    return features;
  }
}
