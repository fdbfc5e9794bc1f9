package dev.cadenza.kernel;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The numbers of an array: an ND4J array of their own, or a part of a larger one. A part is made in
 * a fraction of a microsecond, an ND4J array takes 20 and more; so ND4J gets to see a part only
 * where it is asked to compute with it.
 */
final class Storage {
  /** Numbers in an array outside of workspaces that are too few for an ND4J array of their own. */
  private static final int FEW = 1 << 10;

  /** Numbers in the block that a thread's small arrays share; garbage when all of them are. */
  private static final int SHARED = 1 << 14;

  private static final ThreadLocal<Map<DType, Shared>> SMALL =
      ThreadLocal.withInitial(() -> new EnumMap<>(DType.class));

  private static final class Shared {
    final Storage block;
    int used;

    Shared(DType type) {
      block = alone(type, SHARED);
    }
  }

  private final DType type;
  private final int size;
  private final @Nullable Storage whole;
  private final int offset;
  private @Nullable INDArray nd;
  private @Nullable Buffer numbers;
  private @Nullable ByteBuffer bytes;

  /**
   * @param nd of one axis, dense
   */
  Storage(INDArray nd) {
    this.nd = nd;
    type = DType.of(nd.dataType());
    size = (int) nd.length();
    whole = null;
    offset = 0;
  }

  private Storage(Storage whole, int offset, int size) {
    this.whole = whole;
    this.offset = offset;
    this.size = size;
    type = whole.type;
    numbers = whole.numbers().slice(offset, size);
  }

  /** Memory that no workspace takes back, contents unknown. */
  static Storage allocate(DType type, int size) {
    if (size == 0 || size > FEW) {
      return alone(type, size);
    }
    Shared shared = SMALL.get().get(type);
    if (shared == null || shared.used > SHARED - size) {
      shared = new Shared(type);
      SMALL.get().put(type, shared);
    }
    Storage part = shared.block.part(shared.used, size);
    shared.used += size;
    return part;
  }

  /** An ND4J array of its own. */
  static Storage alone(DType type, int size) {
    try (MemoryWorkspace none = Nd4j.getWorkspaceManager().scopeOutOfWorkspaces()) {
      return new Storage(
          size == 0
              ? Nd4j.empty(type.nd())
              : Nd4j.createUninitialized(type.nd(), new long[] {size}, 'c'));
    }
  }

  /** Shares the numbers. */
  Storage part(int from, int n) {
    return new Storage(this, from, n);
  }

  /** Gives memory back that nobody will ask for again, its parts included. */
  void free() {
    if (nd != null && nd.closeable()) {
      nd.close();
    }
  }

  DType type() {
    return type;
  }

  int size() {
    return size;
  }

  /** The ND4J array of one axis that has these numbers. */
  INDArray nd() {
    INDArray a = nd;
    if (a == null) {
      DataBuffer all = Objects.requireNonNull(whole).nd().data();
      a = Nd4j.create(all, new long[] {size}, new long[] {1}, offset, 'c');
      nd = a;
    }
    return a;
  }

  /** These numbers, of an array of float32. */
  FloatBuffer floats() {
    return (FloatBuffer) numbers();
  }

  /** These numbers, of an array of float64. */
  DoubleBuffer doubles() {
    return (DoubleBuffer) numbers();
  }

  /** The memory of these numbers; null if there are none, or more than a buffer can hold. */
  @Nullable ByteBuffer bytes() {
    if (bytes == null && size > 0 && (long) size * type.bytes() <= Integer.MAX_VALUE) {
      ByteBuffer all = whole == null ? nd().data().asNio() : whole.bytes();
      if (all != null) {
        bytes = all.slice(offset * type.bytes(), size * type.bytes());
      }
    }
    return bytes;
  }

  private Buffer numbers() {
    Buffer b = numbers;
    if (b == null) {
      DataBuffer data = nd().data();
      b = type == DType.FLOAT32 ? data.asNioFloat() : data.asNioDouble();
      numbers = b;
    }
    return b;
  }
}
