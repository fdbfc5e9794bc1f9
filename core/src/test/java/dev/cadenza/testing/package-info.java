/**
 * What tests of this library and of those who build on it share: reading golden files and
 * assertions on tensors. Published in core's test-jar. No tests are in here.
 */
@NullMarked
package dev.cadenza.testing;

import org.jspecify.annotations.NullMarked;
