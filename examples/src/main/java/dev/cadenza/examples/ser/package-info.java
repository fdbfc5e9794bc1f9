/**
 * Speech emotion recognition on RAVDESS, from the files on disk to the report.
 *
 * <p>Here belong: what is particular to this data set and this program, that is its file names, its
 * corpus, its train/test protocols, the synthetic stand-in for it, and the pictures and JSON of the
 * reports. Not here: anything that another data set or program would want as well (features,
 * layers, training, scores); that lives in the library.
 */
@NullMarked
package dev.cadenza.examples.ser;

import org.jspecify.annotations.NullMarked;
