package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The vector kernel does what the portable one does; our own runs always have the module. */
class LaneKernelTest {
  private final LaneKernel portable = new PortableKernel();
  private final LaneKernel vector = new VectorKernel();
  private final SplittableRandom random = new SplittableRandom(5);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4, 8, 12, 20, 64, 128, 320, 512})
  void transformsAgree(int n) {
    for (int lanes : new int[] {16, 48, 96}) {
      double[] re = doubles(n * lanes);
      double[] im = doubles(n * lanes);
      double[] re2 = re.clone();
      double[] im2 = im.clone();
      new LaneFft(n, portable).forward(re, im, lanes);
      new LaneFft(n, vector).forward(re2, im2, lanes);
      // The same operations in the same order, but for the twiddle factor 1.
      assertThat(re2).containsExactly(re, within(1e-12));
      assertThat(im2).containsExactly(im, within(1e-12));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 8, 9, 64, 1000, 1024})
  void powersAgree(int n) {
    int lanes = 16;
    RealFft a = new RealFft(n, portable);
    RealFft b = new RealFft(n, vector);
    double[] re = doubles(a.rows() * lanes);
    double[] im = a.packed() ? doubles(a.rows() * lanes) : new double[a.rows() * lanes];
    float[][] expected = new float[a.bins()][lanes + 5];
    float[][] got = new float[a.bins()][lanes + 5];
    a.power(re.clone(), im.clone(), lanes, expected, 5);
    b.power(re, im, lanes, got, 5);
    for (int k = 0; k < a.bins(); k++) {
      assertThat(got[k]).containsExactly(expected[k], within(1e-5f));
    }
  }

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

  @Test
  void whatLiesBelowTheFloorCountsAsTheFloorAndWhatFollowsIsLeft() {
    float[] x = {0, 1e-31f, -5, 2, 7};
    new LogPolynomial(4.3).apply(x, 4, 1e-30f);
    float floor = (float) (4.3 * Math.log(1e-30f));
    assertThat(x).containsExactly(new float[] {floor, floor, floor, 2.98053f, 7}, within(1e-5f));
  }

  private double[] doubles(int n) {
    return random.doubles(n, -1, 1).toArray();
  }

  private void fill(float[] x) {
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextDouble(-1, 1);
    }
  }
}
