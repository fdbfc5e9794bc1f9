package dev.cadenza.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cadenza.shape.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The mask's bits are held against coins. Limits are five standard deviations: a right generator
 * passes one in two million times by luck, and the seeds are fixed.
 */
class DropoutMaskTest {
  private static final int ROWS = 512;
  private static final int COLUMNS = 512;
  private static final int N = ROWS * COLUMNS;

  private static float[] factors(Shape shape, double p, long seed) {
    Array ones = Array.full(DType.FLOAT32, shape, 1);
    return Kernels.portable().elementwise().dropout(ones, p, seed).toFloatArray();
  }

  /** 1 where an element is dropped, minus p: mean 0, variance p (1 - p). */
  private static double[][] centred(double p, long seed) {
    float[] factors = factors(Shape.of(ROWS, COLUMNS), p, seed);
    double[][] mask = new double[ROWS][COLUMNS];
    for (int i = 0; i < N; i++) {
      mask[i / COLUMNS][i % COLUMNS] = (factors[i] == 0 ? 1 : 0) - p;
    }
    return mask;
  }

  /** The mean product of each element with one elsewhere, in standard deviations of chance. */
  private static double correlation(double[][] a, double[][] b, int rows, int columns, double p) {
    double sum = 0;
    int n = 0;
    for (int r = 0; r + rows < ROWS; r++) {
      for (int c = 0; c + columns < COLUMNS; c++, n++) {
        sum += a[r][c] * b[r + rows][c + columns];
      }
    }
    return sum / (p * (1 - p) * Math.sqrt(n));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.1, 0.3, 0.5, 0.9})
  void the_rate_is_p(double p) {
    double deviation = Math.sqrt(p * (1 - p));
    for (long seed : new long[] {0, 1, -1, 42, Long.MAX_VALUE}) {
      double[][] mask = centred(p, seed);
      double sum = 0;
      for (double[] row : mask) {
        double inRow = IntStream.range(0, COLUMNS).mapToDouble(c -> row[c]).sum();
        // 512 rows at 5 seeds and 5 rates: six deviations, and the skew of small p
        assertThat(Math.abs(inRow)).isLessThan(6 * deviation * Math.sqrt(COLUMNS) + 4);
        sum += inRow;
      }
      assertThat(Math.abs(sum)).isLessThan(5 * deviation * Math.sqrt(N));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5})
  void columns_are_as_good_as_rows(double p) {
    double[][] mask = centred(p, 7);
    for (int c = 0; c < COLUMNS; c++) {
      double sum = 0;
      for (double[] row : mask) {
        sum += row[c];
      }
      assertThat(Math.abs(sum)).isLessThan(6 * Math.sqrt(p * (1 - p) * ROWS));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5})
  void neighbours_do_not_know_each_other(double p) {
    double[][] mask = centred(p, 3);
    int[][] lags = {{0, 1}, {0, 2}, {0, 16}, {1, 0}, {2, 0}, {64, 0}, {1, 1}, {3, 5}};
    for (int[] lag : lags) {
      assertThat(Math.abs(correlation(mask, mask, lag[0], lag[1], p)))
          .as("lag %d, %d", lag[0], lag[1])
          .isLessThan(5);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5})
  void seeds_do_not_know_each_other(double p) {
    double[][] mask = centred(p, 100);
    for (long other : new long[] {101, 102, -100, 100L << 32, 100 ^ Long.MIN_VALUE}) {
      double[][] second = centred(p, other);
      for (int[] lag : new int[][] {{0, 0}, {0, 1}, {1, 0}}) {
        assertThat(Math.abs(correlation(mask, second, lag[0], lag[1], p)))
            .as("seed %d, lag %d, %d", other, lag[0], lag[1])
            .isLessThan(5);
      }
    }
  }

  @Test
  void all_24_bits_are_used() {
    int ones = 0;
    int zeros = 0;
    for (int c = 0; c < 1000; c++) {
      int bits = DropoutMask.bits(DropoutMask.rowKey(1, 0) + c * DropoutMask.COLUMN_STEP);
      assertThat(bits).isBetween(0, (1 << 24) - 1);
      ones |= bits;
      zeros |= ~bits;
    }
    assertThat(ones & zeros & 0xFFFFFF).isEqualTo(0xFFFFFF);
  }

  @Test
  void the_mask_depends_on_place_and_seed_alone() {
    float[] square = factors(Shape.of(6, 4), 0.5, 9);
    assertThat(factors(Shape.of(2, 3, 4), 0.5, 9)).containsExactly(square);
    assertThat(factors(Shape.of(6, 4), 0.5, 9)).containsExactly(square);
    assertThat(factors(Shape.of(6, 4), 0.5, 10)).isNotEqualTo(square);
    assertThat(factors(Shape.scalar(), 0.5, 9)).hasSize(1);
    assertThat(factors(Shape.of(0, 3), 0.5, 9)).isEmpty();
  }

  @Test
  void what_is_kept_is_scaled() {
    assertThat(factors(Shape.of(40), 0.75, 1)).contains(0).contains(4);
    assertThat(factors(Shape.of(40), 0, 1)).containsOnly(1);
    assertThat(factors(Shape.of(40), 1, 1)).containsOnly(0);
  }
}
