package dev.cadenza.examples.ser;

import dev.cadenza.data.Dataset;
import java.util.List;

/**
 * Clips as the network sees them.
 *
 * @param data features [1, F, T] and labels
 * @param names what each example is called in messages
 */
record Examples(Dataset data, List<String> names) {}
