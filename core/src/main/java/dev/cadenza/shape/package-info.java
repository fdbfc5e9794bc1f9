/**
 * Sizes and the rules that turn input sizes into output sizes. Pure arithmetic on integers: no
 * array data, no ND4J. Everything that can be refused because of a shape is refused here, before
 * any arithmetic runs.
 */
@NullMarked
package dev.cadenza.shape;

import org.jspecify.annotations.NullMarked;
