/**
 * Losses: from the output of a network and what it should have been to one number to minimise. The
 * arithmetic is in the ops; here are PyTorch's conventions for weights, smoothing and means.
 */
@NullMarked
package dev.cadenza.loss;

import org.jspecify.annotations.NullMarked;
