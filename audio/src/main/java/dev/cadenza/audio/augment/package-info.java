/**
 * Variations of recordings and feature maps for training. What is drawn comes from the generator
 * that is passed, so that the same seed gives the same bits; inputs are not modified.
 *
 * <p>What belongs here: changes that keep what a recording says. What does not: augmenting a data
 * set. That must come after the split into training and test, and is the caller's.
 */
@NullMarked
package dev.cadenza.audio.augment;

import org.jspecify.annotations.NullMarked;
