package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;
import static dev.cadenza.kernel.SimdProduct.S;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Lets the JVM see, before it compiles the methods of the Vector API, that they serve all kinds of
 * operations.
 *
 * <p>HotSpot compiles a method for the classes that it met there so far, and starts again where
 * another one comes. It counts how often, for the method, and adds the counts up over all that it
 * inlines: beyond 100 it trusts no class any more and leaves calls virtual, and what goes through
 * one is an object on the heap and not a register. Products are one operation for millions of
 * times, and a kernel inlines the same methods for each of its forty: that was enough to make every
 * third JVM take vectors from the heap for as long as it ran.
 */
final class TypeProfiles {
  /** Enough to last until the compiler has put the versions in place that keep profiles. */
  private static final int ROUNDS = 1500;

  private static final VectorSpecies<Integer> SI = IntVector.SPECIES_PREFERRED;

  /**
   * False; whoever reads it waits until the profiles are mixed, once in a JVM, and the compiler
   * knows it as a constant then.
   */
  static final boolean MISSING = !mixed();

  private TypeProfiles() {}

  private static boolean mixed() {
    VectorShuffle<Float> rotated = VectorShuffle.fromOp(S, lane -> (lane + 1) % LANES);
    float[] floats = new float[LANES];
    int[] ints = new int[LANES];
    for (int i = 0; i < ROUNDS; i++) {
      mix(floats, ints, rotated);
    }
    return true;
  }

  /** The kinds of operations that kernels have, on whatever the arrays hold. */
  private static void mix(float[] floats, int[] ints, VectorShuffle<Float> rotated) {
    FloatVector x = FloatVector.fromArray(S, floats, 0);
    FloatVector two = FloatVector.broadcast(S, 2f);
    FloatVector y = x.add(two).sub(x).mul(two).div(two).max(x).min(two).fma(x, two);
    y = y.add(1f).max(0f).neg().rearrange(rotated);
    y = y.blend(two, y.compare(VectorOperators.LT, x));
    y = y.blend(0f, y.compare(VectorOperators.LE, 0f).not());
    y = y.blend(two, y.compare(VectorOperators.GT, x));
    y = y.blend(0f, y.compare(VectorOperators.EQ, two));
    IntVector i = IntVector.fromArray(SI, ints, 0);
    IntVector j = y.reinterpretAsInts().add(i).sub(3).mul(i).or(i.neg()).and(i).and(7).not();
    j = j.lanewise(VectorOperators.XOR, i).lanewise(VectorOperators.LSHR, 3);
    j = j.lanewise(VectorOperators.ASHR, 3).lanewise(VectorOperators.LSHL, 3);
    j = j.max(i).max(0).add(i.reduceLanes(VectorOperators.MAX));
    j.intoArray(ints, 0);
    j.reinterpretAsFloats().add(y.reduceLanes(VectorOperators.MAX)).intoArray(floats, 0);
  }
}
