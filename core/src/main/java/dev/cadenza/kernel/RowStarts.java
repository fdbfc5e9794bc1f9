package dev.cadenza.kernel;

import org.jspecify.annotations.Nullable;

/**
 * Where the rows of a matrix start, as the tiles of {@link SimdProduct} look it up. Products of one
 * network ask for the same few tables again and again: making them anew was nine tenths of what a
 * prediction left to the garbage collector. Short tables are therefore kept, each until another one
 * takes its place; whichever thread made it, a table that is found is complete, its fields are
 * final. Nobody writes to one.
 */
final class RowStarts {
  private static final int LONGEST = 4096;
  private static final @Nullable RowStarts[] KEPT = new RowStarts[2048];

  private final int start;
  private final int group;
  private final int step;
  private final int[] starts;

  /** In groups of rows that are 1 apart, {@code step} from group to group. */
  private RowStarts(int count, int start, int group, int step) {
    this.start = start;
    this.group = group;
    this.step = step;
    this.starts = new int[count];
    for (int i = 0; i < count; i++) {
      starts[i] = start + i / group * step + i % group;
    }
  }

  /** Rows that are {@code step} apart. */
  static int[] apart(int count, int start, int step) {
    return of(count, start, 1, step);
  }

  /** Rows of k elements that are interleaved by {@link SimdProduct#GROUP}. */
  static int[] interleaved(int count, int start, int k) {
    return of(count, start, SimdProduct.GROUP, SimdProduct.GROUP * k);
  }

  private static int[] of(int count, int start, int group, int step) {
    if (count > LONGEST) {
      return new RowStarts(count, start, group, step).starts;
    }
    int hash = (((count * 31 + start) * 31 + step) * 0x9E3779B9) >>> 21;
    RowStarts first = KEPT[hash];
    if (first != null && first.is(count, start, group, step)) {
      return first.starts;
    }
    RowStarts second = KEPT[hash ^ 1];
    boolean found = second != null && second.is(count, start, group, step);
    KEPT[hash ^ 1] = first; // which leaves when the next one comes
    RowStarts asked = found ? second : new RowStarts(count, start, group, step);
    KEPT[hash] = asked;
    return asked.starts;
  }

  private boolean is(int count, int start, int group, int step) {
    return starts.length == count
        && this.start == start
        && this.group == group
        && this.step == step;
  }
}
