package dev.cadenza.benchmarks.peers;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Whether two libraries compute the same. Results and losses must agree to 1e-4. Gradients too, but
 * for ties: where two elements of a pooling window, or a sum and zero, are as close as rounding,
 * the libraries may pass a gradient on to different elements, and a few in a million do.
 */
final class Agreement {
  private static final double RESULTS = 1e-4;
  private static final double GRADIENTS = 5e-3;

  private Agreement() {}

  /**
   * The largest difference of the values both sides have: root mean square, relative to that of the
   * values.
   *
   * @throws IllegalStateException if it is too large
   */
  static double require(String job, Map<String, float[]> ours, Map<String, float[]> theirs) {
    double worst = 0;
    for (Map.Entry<String, float[]> entry : ours.entrySet()) {
      String name = entry.getKey();
      float[] a = entry.getValue();
      float[] b = theirs.get(name);
      if (b == null) {
        continue;
      }
      if (a.length != b.length) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT, "%s: %s has %d and %d elements", job, name, a.length, b.length));
      }
      float[] difference = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        difference[i] = a[i] - b[i];
      }
      double relative = rms(difference) / scale(name, theirs);
      boolean result =
          name.equals("output") || name.equals("probabilities") || name.startsWith("loss");
      if (!(relative < (result ? RESULTS : GRADIENTS))) {
        throw new IllegalStateException(
            String.format(Locale.ROOT, "%s: %s differs by %.1e", job, name, relative));
      }
      worst = Math.max(worst, relative);
    }
    return worst;
  }

  /**
   * What a difference is relative to. For the gradient of a bias that is at least the gradient of
   * its weight, which sums as many terms: before a batch norm a bias changes nothing, its gradient
   * is 0 and what is computed for it is rounding.
   */
  private static double scale(String name, Map<String, float[]> values) {
    return Stream.of(name, name.replace("bias", "weight"))
        .map(values::get)
        .filter(Objects::nonNull)
        .mapToDouble(Agreement::rms)
        .max()
        .orElseThrow();
  }

  private static double rms(float[] values) {
    double sum = 0;
    for (float v : values) {
      sum += (double) v * v;
    }
    return Math.sqrt(sum / values.length);
  }
}
