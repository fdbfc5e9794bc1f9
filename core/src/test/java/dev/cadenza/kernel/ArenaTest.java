package dev.cadenza.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArenaTest {
  private static final int HALF = 1 << 15; // of the first block

  private static void take(Arena arena, int arrays) {
    for (int i = 0; i < arrays; i++) {
      assertThat(arena.take(HALF).size()).isEqualTo(HALF);
    }
  }

  private static long bytes(int arrays) {
    return (long) arrays * HALF * Float.BYTES;
  }

  @Test
  void one_block_takes_the_place_of_many() {
    Arena arena = new Arena(DType.FLOAT32, Arena.MOST);
    take(arena, 9);
    assertThat(arena.bytes()).isGreaterThan(bytes(9));
    arena.reset();
    assertThat(arena.bytes()).isEqualTo(bytes(9));
    take(arena, 9);
    arena.reset();
    take(arena, 1); // fewer: nothing is given back
    arena.reset();
    assertThat(arena.bytes()).isEqualTo(bytes(9));
  }

  @Test
  void beyond_the_largest_block_there_stay_many() {
    Arena arena = new Arena(DType.FLOAT32, bytes(4));
    take(arena, 9);
    long all = arena.bytes();
    for (int arrays : new int[] {9, 1, 9}) { // they serve a small use in between as well
      arena.reset();
      take(arena, arrays);
      assertThat(arena.bytes()).isEqualTo(all);
    }
  }

  @Test
  void many_blocks_of_which_half_is_not_needed_go() {
    Arena arena = new Arena(DType.FLOAT32, bytes(4));
    take(arena, 9);
    arena.reset();
    arena.take(24 * HALF); // fits into none of them
    assertThat(arena.bytes()).isGreaterThan(bytes(33));
    arena.reset(); // 24 of more than 33 were needed
    assertThat(arena.bytes()).isGreaterThan(bytes(33));
    arena.take(6 * HALF); // fits into what is there
    arena.reset();
    arena.take(40 * HALF);
    arena.reset();
    arena.take(42 * HALF);
    arena.reset(); // 42 of more than 100
    assertThat(arena.bytes()).isZero();
  }
}
