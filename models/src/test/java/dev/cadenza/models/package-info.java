/** Tests of the networks against PyTorch, and of what they refuse. */
@NullMarked
package dev.cadenza.models;

import org.jspecify.annotations.NullMarked;
