/**
 * Audio files in and out: {@link dev.cadenza.audio.Audio} is the sound in memory, {@link
 * dev.cadenza.audio.AudioFile} reads and writes it, {@link dev.cadenza.audio.AudioReader} streams
 * what does not fit.
 *
 * <p>What belongs here: containers and sample encodings. What does not: anything that computes on
 * samples (package {@code dsp}) or describes them (package {@code feature}).
 */
@NullMarked
package dev.cadenza.audio;

import org.jspecify.annotations.NullMarked;
