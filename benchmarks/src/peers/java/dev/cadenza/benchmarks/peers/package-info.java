/**
 * Other libraries beside Cadenza: the same networks, weights, inputs and threads in PyTorch
 * (through DJL), ONNX Runtime and DL4J, checked to agree before they are measured. No library
 * appears outside of its own class.
 */
@NullMarked
package dev.cadenza.benchmarks.peers;

import org.jspecify.annotations.NullMarked;
