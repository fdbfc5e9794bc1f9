/** Tests of the library as a whole. */
@NullMarked
package dev.cadenza;

import org.jspecify.annotations.NullMarked;
