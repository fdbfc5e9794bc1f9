/**
 * What surrounds the steps of a training run: the epoch, early stopping, what to say when a loss is
 * not finite, scores and their uncertainty.
 *
 * <p>Not here: losses ({@code dev.cadenza.loss}), parameter updates ({@code dev.cadenza.optim}),
 * batching ({@code dev.cadenza.data}), and anything that knows a particular data set.
 */
@NullMarked
package dev.cadenza.train;

import org.jspecify.annotations.NullMarked;
