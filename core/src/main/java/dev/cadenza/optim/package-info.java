/**
 * Optimizers change parameters by their gradients, schedules say how fast. The arithmetic of a step
 * is a kernel; here are settings, state and what can be saved and resumed. Losses and the loop over
 * batches are elsewhere.
 */
@NullMarked
package dev.cadenza.optim;

import org.jspecify.annotations.NullMarked;
