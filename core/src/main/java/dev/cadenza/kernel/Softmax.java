package dev.cadenza.kernel;

/** Softmax along one axis (not negative), stable for any finite input. */
public interface Softmax {
  Array softmax(Array x, int axis);

  /** The gradient of {@link #softmax} with value {@code y}. */
  Array softmaxGradient(Array y, Array g, int axis);

  Array logSoftmax(Array x, int axis);

  /** The gradient of {@link #logSoftmax} with value {@code y}. */
  Array logSoftmaxGradient(Array y, Array g, int axis);
}
