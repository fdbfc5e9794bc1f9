package dev.cadenza.kernel;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
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
  private final DType type;
  private final int size;
  private final @Nullable Storage whole;
  private final int offset;
  private @Nullable INDArray nd;
  private @Nullable FloatBuffer floats;
  private @Nullable DoubleBuffer doubles;

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
    if (type == DType.FLOAT32) {
      floats = whole.floats().slice(offset, size);
    } else {
      doubles = whole.doubles().slice(offset, size);
    }
  }

  /** Memory of its own that no workspace of ND4J takes back, contents unknown. */
  static Storage allocate(DType type, int size) {
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

  FloatBuffer floats() {
    FloatBuffer b = floats;
    if (b == null) {
      b = nd().data().asNioFloat();
      floats = b;
    }
    return b;
  }

  DoubleBuffer doubles() {
    DoubleBuffer b = doubles;
    if (b == null) {
      b = nd().data().asNioDouble();
      doubles = b;
    }
    return b;
  }
}
