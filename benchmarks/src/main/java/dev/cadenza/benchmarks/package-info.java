/**
 * JMH benchmarks of Cadenza alone, and what they are described by: {@link
 * dev.cadenza.benchmarks.LayerSpec} and {@link dev.cadenza.benchmarks.NetworkSpec}. Comparisons
 * with other libraries are in {@code dev.cadenza.benchmarks.peers}, in the profile of that name.
 */
@NullMarked
package dev.cadenza.benchmarks;

import org.jspecify.annotations.NullMarked;
