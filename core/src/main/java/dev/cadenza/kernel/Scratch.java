package dev.cadenza.kernel;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;

/**
 * The heap memory that a thread computes in: a few arrays that grow to the largest size asked for
 * and are reused by every task of that thread. A slot's array holds what the last task left there.
 * A kernel that lays something out for its tasks does so in slots that they do not use.
 */
final class Scratch {
  private static final ThreadLocal<Scratch> MINE = ThreadLocal.withInitial(Scratch::new);
  private static final int SLOTS = 18;

  /** The slot of floats in which {@link Array} changes numbers to doubles and back. */
  static final int NARROW = SLOTS - 1;

  private final float[][] floats = new float[SLOTS][0];
  private final double[][] doubles = new double[SLOTS][0];
  private final Map<DType, Tile[]> tiles = new EnumMap<>(DType.class);
  private int[] ints = new int[0];
  private float[][] parts = new float[0][0];

  private Scratch() {}

  /** The scratch memory of this thread. */
  static Scratch mine() {
    return MINE.get();
  }

  /** An array of at least this size, contents unknown. */
  float[] floats(int slot, int size) {
    if (floats[slot].length < size) {
      floats[slot] = new float[size];
    }
    return floats[slot];
  }

  /** An array of at least this size, contents unknown. */
  double[] doubles(int slot, int size) {
    if (doubles[slot].length < size) {
      doubles[slot] = new double[size];
    }
    return doubles[slot];
  }

  /** The numbers of a float32 array, and zeros up to at least {@code size}. */
  float[] floats(int slot, Array a, int size) {
    float[] numbers = floats(slot, size);
    a.read(0, numbers, 0, a.size());
    Arrays.fill(numbers, a.size(), size, 0);
    return numbers;
  }

  /** The numbers of a float32 array. */
  float[] floats(int slot, Array a) {
    return floats(slot, a, a.size());
  }

  /** An array of at least this size whose first {@code size} elements are 0. */
  float[] zeros(int slot, int size) {
    float[] a = floats(slot, size);
    Arrays.fill(a, 0, size, 0);
    return a;
  }

  /**
   * So many arrays of at least this size, contents unknown: for the parts of a sum that tasks leave
   * to the one who shared them out, whose scratch memory this is.
   */
  float[][] parts(int count, int size) {
    if (parts.length < count) {
      parts = Arrays.copyOf(parts, count);
    }
    for (int i = 0; i < count; i++) {
      if (parts[i] == null || parts[i].length < size) {
        parts[i] = new float[size];
      }
    }
    return parts;
  }

  /** A tile for at least {@code size} numbers of this type, contents unknown. */
  Tile tile(DType type, int slot, int size) {
    Tile[] ofType = tiles.computeIfAbsent(type, t -> new Tile[SLOTS]);
    if (ofType[slot] == null || ofType[slot].size() < size) {
      ofType[slot] = Tile.of(type, size);
    }
    return ofType[slot];
  }

  /** A tile of the {@code n} numbers of {@code a} that begin at {@code from}. */
  Tile read(int slot, Array a, int from, int n) {
    Tile tile = tile(a.type(), slot, n);
    tile.read(a, from, n);
    return tile;
  }

  /** An array of at least this size, contents unknown. */
  int[] ints(int size) {
    if (ints.length < size) {
      ints = new int[size];
    }
    return ints;
  }
}
