/**
 * Networks, one readable file each, made of the layers of {@code dev.cadenza.nn}. No arithmetic and
 * no data handling here.
 */
@NullMarked
package dev.cadenza.models;

import org.jspecify.annotations.NullMarked;
