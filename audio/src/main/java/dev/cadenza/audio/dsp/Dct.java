package dev.cadenza.audio.dsp;

/**
 * Discrete cosine transform over bands, the leading coefficients of it: scipy's {@code dct(x, type,
 * norm, axis=0)[:K]}.
 *
 * <pre>
 *   x       [M, T]
 *   result  [K, T]
 * </pre>
 */
public final class Dct {
  private final int size;
  private final float[][] rows;
  private final boolean folds;

  /** The factor on a transform. */
  public enum Norm {
    /** None: scipy's {@code norm=None}. */
    NONE,
    /** The transform preserves lengths. */
    ORTHO,
    /** Type 2 with {@code sqrt(2/M)} on every coefficient, the first too: HTK. */
    HTK
  }

  /**
   * @param type 1, 2 or 3
   * @param size M, the number of values transformed; at least 2 for type 1
   * @param coefficients K, how many leading coefficients are wanted, at most M
   */
  public Dct(int type, int size, int coefficients, Norm norm) {
    if (type < 1 || type > 3) {
      throw new IllegalArgumentException("dct: type=" + type + " must be 1, 2 or 3");
    }
    if (norm == Norm.HTK && type != 2) {
      throw new IllegalArgumentException("dct: type=" + type + " must be 2 with norm HTK");
    }
    Check.atLeast("dct", "size", size, type == 1 ? 2 : 1);
    Check.atLeast("dct", "coefficients", coefficients, 1);
    if (coefficients > size) {
      throw new IllegalArgumentException(
          "dct: coefficients=" + coefficients + " must be at most size=" + size);
    }
    this.size = size;
    folds = type != 3;
    rows = new float[coefficients][folds ? (size + 1) / 2 : size];
    for (int k = 0; k < coefficients; k++) {
      for (int m = 0; m < rows[k].length; m++) {
        // The middle of an odd size meets itself when folded.
        double share = folds && 2 * m == size - 1 ? 0.5 : 1;
        rows[k][m] = (float) (share * basis(type, size, norm, k, m));
      }
    }
  }

  private static double basis(int type, int n, Norm norm, int k, int m) {
    boolean ortho = norm == Norm.ORTHO;
    switch (type) {
      case 1:
        {
          boolean end = m == 0 || m == n - 1;
          double v = Math.cos(Math.PI * k * m / (n - 1));
          if (!ortho) {
            return end ? v : 2 * v;
          }
          boolean outer = k == 0 || k == n - 1;
          return v
              * Math.sqrt(2.0 / (n - 1))
              * (end ? Math.sqrt(0.5) : 1)
              * (outer ? Math.sqrt(0.5) : 1);
        }
      case 2:
        {
          double v = Math.cos(Math.PI * k * (2 * m + 1) / (2.0 * n));
          if (norm == Norm.NONE) {
            return 2 * v;
          }
          return v * Math.sqrt((ortho && k == 0 ? 1.0 : 2.0) / n);
        }
      default:
        {
          double v = Math.cos(Math.PI * m * (2 * k + 1) / (2.0 * n));
          return ortho ? v * Math.sqrt((m == 0 ? 1.0 : 2.0) / n) : (m == 0 ? 1 : 2 * v);
        }
    }
  }

  /** K, the number of coefficients. */
  public int coefficients() {
    return rows.length;
  }

  /**
   * Writes the coefficients of the first {@code frames} columns of {@code x} [M, T] to {@code out}
   * [K, T].
   */
  public void apply(float[][] x, float[][] out, int frames) {
    if (x.length != size) {
      throw new IllegalArgumentException(
          "dct: the input has " + x.length + " rows, size is " + size);
    }
    if (!folds) {
      for (int k = 0; k < rows.length; k++) {
        WeightedRows.sum(rows[k], x, 0, out[k], frames);
      }
      return;
    }
    // Types 1 and 2 are even about the middle for even k and odd for odd k: half of the products.
    float[][] folded = new float[(size + 1) / 2][frames];
    for (int parity = 0; parity < 2; parity++) {
      for (int m = 0; m < folded.length; m++) {
        fold(x[m], parity == 0 ? 1 : -1, x[size - 1 - m], folded[m], frames);
      }
      for (int k = parity; k < rows.length; k += 2) {
        WeightedRows.sum(rows[k], folded, 0, out[k], frames);
      }
    }
  }

  private static void fold(float[] a, float sign, float[] b, float[] y, int n) {
    for (int i = 0; i < n; i++) {
      y[i] = a[i] + sign * b[i];
    }
  }
}
