/** Tests of reading and writing, with builders of files that no program would write. */
@NullMarked
package dev.cadenza.audio;

import org.jspecify.annotations.NullMarked;
