/**
 * Pictures of sound: waveforms, spectrograms and features, with axes in seconds and Hz.
 *
 * <p>What belongs here draws what the other packages computed. What does not: the computing, and
 * charts of anything but sound.
 */
@NullMarked
package dev.cadenza.audio.picture;

import org.jspecify.annotations.NullMarked;
