/**
 * Layers: named parameters and a short forward. Layers hold no gradients and no arithmetic; where a
 * forward gets long, an op is missing. Names, defaults and initial values are PyTorch's, so that
 * state dicts map one to one.
 */
@NullMarked
package dev.cadenza.nn;

import org.jspecify.annotations.NullMarked;
