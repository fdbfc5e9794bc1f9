package dev.cadenza.audio.dsp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The vector kernel does what the portable one does, which does the first clip: to the bit, but for
 * the sign of 0. Our own runs always have the module.
 */
class LaneKernelTest {
  private final LaneKernel portable = new PortableKernel();
  private final LaneKernel vector = new VectorKernel(0);
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
      assertThat(re2).containsExactly(re, within(0.0));
      assertThat(im2).containsExactly(im, within(0.0));
    }
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "8, 4", "8, 3", "32, 16", "32, 17", "64, 20", "24, 12", "17, 8", "512, 256"})
  void rowsBehindTheUsedOnesCountAsZero(int n, int used) {
    int lanes = 32;
    double[] re = doubles(n * lanes);
    double[] im = doubles(n * lanes);
    double[] expectedRe = Arrays.copyOf(Arrays.copyOf(re, used * lanes), n * lanes);
    double[] expectedIm = Arrays.copyOf(Arrays.copyOf(im, used * lanes), n * lanes);
    new LaneFft(n, portable).forward(expectedRe, expectedIm, lanes);
    for (LaneKernel kernel : new LaneKernel[] {portable, vector}) {
      double[] re2 = re.clone();
      double[] im2 = im.clone();
      new LaneFft(n, kernel).forward(re2, im2, lanes, used);
      assertThat(re2).containsExactly(expectedRe, within(0.0));
      assertThat(im2).containsExactly(expectedIm, within(0.0));
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
      assertThat(got[k]).containsExactly(expected[k], within(0f));
    }
  }

  private double[] doubles(int n) {
    return random.doubles(n, -1, 1).toArray();
  }
}
