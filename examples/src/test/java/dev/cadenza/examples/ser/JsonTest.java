package dev.cadenza.examples.ser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.cadenza.train.ClassificationReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonTest {

  private record Prediction(
      String label,
      List<Float> probabilities,
      double seconds,
      @Nullable Double missing,
      Emotion e) {}

  @Test
  void writes_records_in_the_order_of_their_components() {
    Map<String, Object> files = new LinkedHashMap<>();
    files.put(
        "b \"quoted\".wav",
        new Prediction("happy", List.of(0.25f, 0.1f), 3.5, null, Emotion.HAPPY));
    files.put("a.wav", List.of());
    assertThat(Json.text(files))
        .isEqualTo(
            """
            {
              "b \\"quoted\\".wav": {
                "label": "happy",
                "probabilities": [0.25, 0.1],
                "seconds": 3.5,
                "missing": null,
                "e": "HAPPY"
              },
              "a.wav": []
            }
            """);
  }

  @Test
  void stays_valid_where_json_has_no_number() {
    assertThat(Json.text(new double[] {1, Double.NaN})).isEqualTo("[1.0, \"NaN\"]\n");
  }

  @Test
  void writes_a_classification_report() {
    var report = ClassificationReport.of(List.of("a", "b"), new int[] {0, 0}, new int[] {0, 0});
    assertThat(Json.text(report.values()))
        .startsWith("{\n  \"examples\": 2,\n  \"accuracy\": 1.0,\n  \"accuracyLow\": 0.34")
        .contains("{\n    \"name\": \"b\",\n    \"precision\": null,")
        .endsWith("\"confusion\": [[2, 0], [0, 0]]\n}\n");
  }

  @Test
  void refuses_what_has_no_form_in_json() {
    assertThatThrownBy(() -> Json.text(new Object()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("json: cannot write Object");
  }
}
