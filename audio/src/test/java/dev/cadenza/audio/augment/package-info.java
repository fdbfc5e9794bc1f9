@NullMarked
package dev.cadenza.audio.augment;

import org.jspecify.annotations.NullMarked;
