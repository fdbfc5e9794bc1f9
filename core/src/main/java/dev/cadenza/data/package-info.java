/**
 * Examples and the way they reach a network: data sets, batches, standardisation. Everything that
 * is random depends on a seed, the epoch and the example alone, never on what ran before. How
 * examples are stored in files is not known here.
 */
@NullMarked
package dev.cadenza.data;

import org.jspecify.annotations.NullMarked;
