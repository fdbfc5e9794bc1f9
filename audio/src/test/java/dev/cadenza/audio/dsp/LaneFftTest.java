package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against the definition, {@code X[k] = sum_j x[j] exp(-2 pi i j k / n)}, summed directly. */
class LaneFftTest {
  private static final int LANES = 16;

  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 15, 16, 17, 30, 34, 60, 64, 97, 100, 127, 243, 256, 510,
        1021
      })
  void equalsTheDefinition(int n) {
    SplittableRandom random = new SplittableRandom(n);
    double[] re = random.doubles((long) n * LANES, -1, 1).toArray();
    double[] im = random.doubles((long) n * LANES, -1, 1).toArray();
    double[] x = re.clone();
    double[] y = im.clone();
    boolean vectors = Kernels.LANES instanceof VectorKernel;
    LaneFft fft = new LaneFft(n, vectors ? new VectorKernel(0) : new PortableKernel());
    fft.forward(re, im, LANES);
    int lane = n % LANES;
    for (int k = 0; k < n; k++) {
      double u = 0;
      double v = 0;
      for (int j = 0; j < n; j++) {
        double angle = -2 * Math.PI * ((long) j * k % n) / n;
        u += x[j * LANES + lane] * Math.cos(angle) - y[j * LANES + lane] * Math.sin(angle);
        v += x[j * LANES + lane] * Math.sin(angle) + y[j * LANES + lane] * Math.cos(angle);
      }
      // n terms of size 1, each rounded to 1e-16; Bluestein's three transforms cost a few times
      // that.
      double tolerance = 1e-14 * (n + 10);
      assertThat(re[fft.row(k) * LANES + lane]).isCloseTo(u, within(tolerance));
      assertThat(im[fft.row(k) * LANES + lane]).isCloseTo(v, within(tolerance));
    }
  }

  @Test
  void logarithmIsWithinOneUnitInTheLastPlaceOverTheWholeRange() {
    for (double scale : new double[] {1, Decibels.PER_NEPER}) {
      LogPolynomial log = new LogPolynomial(scale);
      int first = Float.floatToIntBits(Float.MIN_NORMAL);
      float[] x = new float[(Float.floatToIntBits(Float.MAX_VALUE) - first) / 40_009 + 1];
      for (int i = 0; i < x.length; i++) {
        x[i] = Float.intBitsToFloat(first + i * 40_009);
      }
      float[] y = x.clone();
      log.apply(y, y.length, Float.MIN_NORMAL);
      for (int i = 0; i < x.length; i++) {
        double exact = scale * Math.log(x[i]);
        // Near 1 the logarithm vanishes; there the error is that of its argument.
        double unit = Math.max(Math.ulp((float) exact), Math.ulp((float) scale) / 8);
        assertThat((double) y[i]).isCloseTo(exact, within(1.5 * unit));
      }
      assertThat(x.length).isGreaterThan(50_000);
    }
  }

  @Test
  void whatLiesBelowTheFloorCountsAsTheFloorAndWhatFollowsIsLeft() {
    float[] x = {0, 1e-31f, -5, 2, 7};
    new LogPolynomial(4.3).apply(x, 4, 1e-30f);
    float floor = (float) (4.3 * Math.log(1e-30f));
    assertThat(x).containsExactly(new float[] {floor, floor, floor, 2.98053f, 7}, within(1e-5f));
  }
}
