/**
 * One record an operation: what it computes, its shape rule, its value and its gradient, in one
 * small file. An op combines kernels; it holds settings, never data.
 */
@NullMarked
package dev.cadenza.op;

import org.jspecify.annotations.NullMarked;
