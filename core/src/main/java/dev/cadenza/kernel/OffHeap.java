package dev.cadenza.kernel;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodHandles.Lookup;
import java.lang.invoke.MethodType;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * Vectors of the numbers of an array where they lie, off the heap. A copy to the heap and back
 * costs as much as reading the memory itself, which is all that a short operation does.
 *
 * <p>Until 18, Java takes such vectors from buffers, since 19 from memory segments, which Java 17
 * does not have: hence method handles. One in a static final field is compiled like a call.
 */
final class OffHeap {
  private static final MethodHandle MEMORY; // (ByteBuffer) -> what the others take
  private static final MethodHandle LOAD; // (memory, byte) -> vector
  private static final MethodHandle STORE; // (vector, memory, byte)

  static {
    Lookup lookup = MethodHandles.publicLookup();
    try {
      boolean segments = Runtime.version().feature() >= 19;
      Class<?> memory =
          segments ? Class.forName("java.lang.foreign.MemorySegment") : ByteBuffer.class;
      Class<?> offset = segments ? long.class : int.class;
      String suffix = segments ? "MemorySegment" : "ByteBuffer";
      MethodHandle of =
          segments
              ? lookup.findStatic(memory, "ofBuffer", MethodType.methodType(memory, Buffer.class))
              : MethodHandles.identity(ByteBuffer.class);
      MethodHandle load =
          lookup.findStatic(
              FloatVector.class,
              "from" + suffix,
              MethodType.methodType(
                  FloatVector.class, VectorSpecies.class, memory, offset, ByteOrder.class));
      MethodHandle store =
          lookup.findVirtual(
              FloatVector.class,
              "into" + suffix,
              MethodType.methodType(void.class, memory, offset, ByteOrder.class));
      ByteOrder order = ByteOrder.nativeOrder();
      MEMORY = of.asType(MethodType.methodType(Object.class, ByteBuffer.class));
      LOAD =
          MethodHandles.insertArguments(
                  MethodHandles.insertArguments(load, 0, SimdProduct.S), 2, order)
              .asType(MethodType.methodType(FloatVector.class, Object.class, int.class));
      STORE =
          MethodHandles.insertArguments(store, 3, order)
              .asType(
                  MethodType.methodType(void.class, FloatVector.class, Object.class, int.class));
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("vectors off the heap", e);
    }
  }

  private OffHeap() {}

  /**
   * The memory of a float32 array, for the methods below; null if it is empty or too large for
   * them.
   */
  static @Nullable Object memory(Array a) {
    ByteBuffer bytes = a.bytes();
    if (bytes == null) {
      return null;
    }
    try {
      return MEMORY.invokeExact(bytes);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** The vector that begins at a byte. */
  static FloatVector load(Object memory, int at) {
    try {
      return (FloatVector) LOAD.invokeExact(memory, at);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Writes a vector that begins at a byte. */
  static void store(FloatVector v, Object memory, int at) {
    try {
      STORE.invokeExact(v, memory, at);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }
}
