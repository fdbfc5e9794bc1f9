/**
 * Files: checkpoints as {@code .safetensors} and the JSON inside them. A file is never trusted: its
 * sizes are checked against what is really there before anything is allocated. What a network is,
 * and how data sets are stored, is not known here.
 */
@NullMarked
package dev.cadenza.io;

import org.jspecify.annotations.NullMarked;
