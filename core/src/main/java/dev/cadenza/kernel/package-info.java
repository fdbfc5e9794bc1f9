/**
 * The arithmetic. {@link dev.cadenza.kernel.Array} is the storage (an ND4J array, dense and
 * row-major); one interface a family says what can be computed; {@code Portable…} computes it with
 * ND4J for every data type and backend, {@code Simd…} with the Vector API for float32 on the host.
 * {@link dev.cadenza.kernel.Kernels} chooses between the two, once.
 *
 * <p>Kernels trust their callers: shapes are checked by the ops. No gradients and no graph here.
 */
@NullMarked
package dev.cadenza.kernel;

import org.jspecify.annotations.NullMarked;
