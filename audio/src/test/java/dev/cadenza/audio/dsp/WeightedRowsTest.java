package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeightedRowsTest {
  private final SplittableRandom random = new SplittableRandom(5);

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 16, 64, 207, 1021})
  void sumsAreThoseOfDoubles(int n) {
    for (int count : new int[] {0, 1, 2, 7, 8, 9, 13, 128}) {
      float[][] x = new float[count + 3][n];
      for (float[] row : x) {
        fill(row);
      }
      float[] w = new float[count];
      fill(w);
      float[] y = new float[n];
      fill(y);
      WeightedRows.sum(w, x, 2, y, n);
      for (int i = 0; i < n; i++) {
        double expected = 0;
        for (int j = 0; j < count; j++) {
          expected += (double) w[j] * x[2 + j][i];
        }
        assertThat((double) y[i]).isCloseTo(expected, within(1e-6 * (count + 1)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void infinitePowersStayInfinite(int count) {
    float[][] x = new float[count][1];
    float[] w = new float[count];
    Arrays.fill(w, 0.5f);
    x[count - 1][0] = Float.POSITIVE_INFINITY;
    float[] y = new float[1];
    WeightedRows.sum(w, x, 0, y, 1);
    assertThat(y).containsExactly(Float.POSITIVE_INFINITY);
  }

  private void fill(float[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
  }
}
