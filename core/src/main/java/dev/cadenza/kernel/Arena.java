package dev.cadenza.kernel;

import java.util.ArrayList;
import java.util.List;

/**
 * Memory for numbers of one type, taken array by array and given back all at once: one block, and
 * more of them while it turns out to be too small.
 */
final class Arena {
  /** Numbers in the first block. */
  private static final long FIRST = 1 << 16;

  /** Numbers in a block that is added, where no single array needs more: 64 MB of floats. */
  private static final long ADDED = 1 << 24;

  /** Bytes in the one block that takes the place of others; Java's buffers end at twice as many. */
  static final long MOST = 1 << 30;

  /** Arrays begin at a multiple of so many numbers: with floats, of a cache line. */
  private static final long STEP = 16;

  private static final class Block {
    final Storage storage;
    long used;

    Block(DType type, long size) {
      storage = Storage.alone(type, Math.toIntExact(size));
    }
  }

  private final DType type;
  private final List<Block> blocks = new ArrayList<>();
  private final long most;
  private long taken;
  private boolean grown;

  /**
   * @param most bytes in the one block that takes the place of others
   */
  Arena(DType type, long most) {
    this.type = type;
    this.most = most;
  }

  /** A part of this size that nobody else has, contents unknown. */
  Storage take(int size) {
    long step = (size + STEP - 1) / STEP * STEP;
    taken += step;
    Block block = blockFor(step);
    Storage part = block.storage.part((int) block.used, size);
    block.used += step;
    return part;
  }

  private Block blockFor(long step) {
    for (Block block : blocks) {
      if (block.storage.size() - block.used >= step) {
        return block;
      }
    }
    // As much again as there is, up to a point: a block takes all of its memory at once.
    Block added = new Block(type, Math.max(step, Math.min(ADDED, Math.max(FIRST, taken))));
    grown |= !blocks.isEmpty();
    blocks.add(added);
    return added;
  }

  /**
   * Takes back all parts. If blocks were added for them, one that holds as much takes the place of
   * all. Where that would be too large they stay, unless half of their memory was not needed.
   */
  void reset() {
    boolean one = taken * type.bytes() <= most;
    if (grown && (one || bytes() > 2 * taken * type.bytes())) {
      blocks.forEach(block -> block.storage.free());
      blocks.clear();
      if (one) {
        blocks.add(new Block(type, taken));
      }
    }
    grown = false;
    taken = 0;
    blocks.forEach(block -> block.used = 0);
  }

  /** Bytes of all blocks. */
  long bytes() {
    return blocks.stream().mapToLong(block -> block.storage.size()).sum() * type.bytes();
  }
}
