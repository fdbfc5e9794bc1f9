package dev.cadenza.kernel;

import java.util.Arrays;

/** For tests: the memory of a thread that has computed with numbers gone bad. */
public final class LeftOvers {
  private static final int SLOTS = 16;
  private static final int SIZE = 1 << 16;

  private LeftOvers() {}

  /** Fills the scratch memory of this thread with NaN. */
  public static void ofNaN() {
    for (int slot = 0; slot < SLOTS; slot++) {
      Arrays.fill(Scratch.mine().floats(slot, SIZE), Float.NaN);
      Arrays.fill(Scratch.mine().doubles(slot, SIZE), Double.NaN);
    }
  }
}
