package dev.cadenza.train;

/**
 * A loss that is NaN or infinite. The message is one line: epoch and step, the input, parameter or
 * layer where the first such number is found, and the examples of the batch.
 */
public final class NonFiniteLossException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  NonFiniteLossException(String message) {
    super(message);
  }
}
