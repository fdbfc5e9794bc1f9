package dev.cadenza.audio.picture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ColourMapTest {

  private static Map<String, String> matplotlib() throws IOException {
    Map<String, String> maps = new HashMap<>();
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(
                Objects.requireNonNull(
                    ColourMapTest.class.getResourceAsStream("/golden/colour_maps.tsv")),
                StandardCharsets.US_ASCII))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        maps.put(line.split("\t", -1)[0], line.split("\t", -1)[1]);
      }
    }
    return maps;
  }

  /** One of 255 steps is what interpolation and rounding may take from every fifth colour. */
  @ParameterizedTest
  @EnumSource(ColourMap.class)
  void coloursAreThoseOfMatplotlib(ColourMap map) throws IOException {
    String hex = Objects.requireNonNull(matplotlib().get(map.name().toLowerCase(Locale.ROOT)));
    assertThat(hex).hasSize(6 * 256);
    for (int i = 0; i < 256; i++) {
      int want = Integer.parseInt(hex, 6 * i, 6 * i + 6, 16);
      int got = map.rgb(i / 255.0);
      for (int shift = 0; shift <= 16; shift += 8) {
        assertThat((got >> shift & 0xff) - (want >> shift & 0xff))
            .as("%s %d: %06x, not %06x", map, i, got, want)
            .isBetween(-1, 1);
      }
      if (i % 5 == 0) {
        assertThat(got).isEqualTo(want);
      }
    }
  }

  @Test
  void sharesBeyondTheEndsAreCut() {
    assertThat(ColourMap.VIRIDIS.rgb(-3)).isEqualTo(0x440154);
    assertThat(ColourMap.VIRIDIS.rgb(7)).isEqualTo(0xfde725);
  }
}
