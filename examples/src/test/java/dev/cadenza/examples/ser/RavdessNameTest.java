package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.examples.ser.RavdessName.Channel;
import dev.cadenza.examples.ser.RavdessName.Gender;
import dev.cadenza.examples.ser.RavdessName.Intensity;
import dev.cadenza.examples.ser.RavdessName.Modality;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RavdessNameTest {

  @Test
  void reads_every_field() {
    RavdessName name = RavdessName.parse("03-01-06-02-01-02-12.wav");
    assertThat(name)
        .isEqualTo(
            new RavdessName(
                Modality.AUDIO, Channel.SPEECH, Emotion.FEARFUL, Intensity.STRONG, 1, 2, 12));
    assertThat(name.gender()).isEqualTo(Gender.FEMALE);
    assertThat(name.emotion().label()).isEqualTo(5);
    assertThat(name.stem()).isEqualTo("03-01-06-02-01-02-12");
  }

  @Test
  void labels_are_in_the_order_of_the_codes() {
    assertThat(Emotion.texts())
        .containsExactly(
            "neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised");
    assertThat(RavdessName.parse("03-01-01-01-01-01-01.wav").emotion().label()).isZero();
    assertThat(RavdessName.parse("03-01-08-01-01-01-01.FLAC").emotion().label()).isEqualTo(7);
  }

  @Test
  void odd_actors_are_men() {
    assertThat(RavdessName.parse("03-02-01-01-01-01-23").gender()).isEqualTo(Gender.MALE);
  }

  @ParameterizedTest
  @CsvSource({
    "speech.wav,               ' is not named like MM-VV-EE-II-SS-RR-AA.wav'",
    "03-01-06-01-02-01.wav,    ' is not named like MM-VV-EE-II-SS-RR-AA.wav'",
    "04-01-06-01-02-01-12.wav, ': modality is 4, expected 1 to 3'",
    "03-03-06-01-02-01-12.wav, ': vocal channel is 3, expected 1 to 2'",
    "03-01-09-01-02-01-12.wav, ': emotion is 9, expected 1 to 8'",
    "03-01-06-00-02-01-12.wav, ': intensity is 0, expected 1 to 2'",
    "03-01-06-01-03-01-12.wav, ': statement is 3, expected 1 to 2'",
    "03-01-06-01-02-03-12.wav, ': repetition is 3, expected 1 to 2'",
    "03-01-06-01-02-01-25.wav, ': actor is 25, expected 1 to 24'",
    "03-01-01-02-02-01-12.wav, ': neutral has no strong intensity'",
  })
  void refuses_other_names(String fileName, String complaint) {
    assertThatThrownBy(() -> RavdessName.parse(fileName))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'" + fileName + "'" + complaint);
  }
}
