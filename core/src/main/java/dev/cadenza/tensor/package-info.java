/**
 * Arrays with a history: {@link dev.cadenza.tensor.Tensor} records the ops that made it, and {@code
 * backward} walks them in reverse. What users and layers speak. No arithmetic here: that is in ops
 * and kernels.
 */
@NullMarked
package dev.cadenza.tensor;

import org.jspecify.annotations.NullMarked;
