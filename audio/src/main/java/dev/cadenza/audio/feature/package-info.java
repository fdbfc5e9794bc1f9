/**
 * Features of speech and music, each by the name and with the defaults of the tool that made it
 * known: librosa, torchaudio, Kaldi, HTK.
 *
 * <p>What belongs here turns a mono signal {@code float[]} into {@link Features} and names its
 * convention. What does not: the arithmetic ({@code dev.cadenza.audio.dsp}), reading files ({@code
 * dev.cadenza.audio}), tensors.
 */
@NullMarked
package dev.cadenza.audio.feature;

import org.jspecify.annotations.NullMarked;
