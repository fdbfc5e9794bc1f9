/**
 * Signal processing on plain arrays: windows, framing, Fourier and cosine transforms, filter banks,
 * decibels, resampling.
 *
 * <p>What belongs here has a formula and no opinion about which tool's defaults are right; each
 * convention is an argument. What does not: features with a tool's name on them ({@code
 * dev.cadenza.audio.feature}) and files ({@code dev.cadenza.audio}). Matrices are arrays of rows,
 * {@code [F][T]}: frequency bins, then frames, so that the innermost loops run over frames and the
 * JVM can vectorise them.
 */
@NullMarked
package dev.cadenza.audio.dsp;

import org.jspecify.annotations.NullMarked;
