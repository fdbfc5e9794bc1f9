package dev.cadenza.kernel;

/**
 * Which elements dropout drops: a counter-based generator, so that the mask costs no memory, any
 * part of it can be computed anywhere, and forward and backward agree by construction. An element
 * is known by its row (all axes but the last, flattened) and its column (the last axis).
 *
 * <p>The row's key is the SplitMix64 finaliser of seed and row; the element's 32 bits are Wellons's
 * {@code lowbias32} hash of column and key. An element is dropped if its upper 24 bits, read as a
 * number in [0, 1), are below p.
 */
final class DropoutMask {
  static final int COLUMN_STEP = 0x9E3779B9;
  static final int HASH_1 = 0x21F0AAAD;
  static final int HASH_2 = 0xD35A2D97;

  private DropoutMask() {}

  /** The key of a row. */
  static int rowKey(long seed, long row) {
    long z = seed + (row + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return (int) ((z ^ (z >>> 31)) >>> 32);
  }

  /** What the columns of a row enter the hash with. */
  static int[] steps(int columns) {
    int[] steps = new int[columns];
    for (int c = 0; c < columns; c++) {
      steps[c] = c * COLUMN_STEP;
    }
    return steps;
  }

  /** Writes what the elements of the row with this key are hashed from, from {@code at} on. */
  static void positions(int rowKey, int[] steps, int[] to, int at) {
    for (int c = 0; c < steps.length; c++) {
      to[at + c] = rowKey + steps[c];
    }
  }

  /** Replaces positions by 1 for an element that is dropped, by 0 for others. */
  static void dropped(int[] positions, int n, int threshold) {
    for (int i = 0; i < n; i++) {
      positions[i] = bits(positions[i]) - threshold >>> 31;
    }
  }

  /** 24 random bits for the sum of a row's key and a column's step. */
  static int bits(int h) {
    int i = (h ^ (h >>> 16)) * HASH_1;
    int j = (i ^ (i >>> 15)) * HASH_2;
    return (j ^ (j >>> 15)) >>> 8;
  }

  /** Elements whose {@link #bits} are below this are dropped. */
  static int threshold(double p) {
    return (int) Math.round(p * (1 << 24));
  }

  /** What an element that is kept is multiplied by; 0 if all are dropped. */
  static float scale(double p) {
    return p >= 1 ? 0 : (float) (1 / (1 - p));
  }
}
