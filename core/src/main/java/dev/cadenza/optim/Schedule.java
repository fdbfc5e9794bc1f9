package dev.cadenza.optim;

/**
 * The learning rate as a function of time, counted from 0 in steps or in epochs, as the caller
 * likes: {@code optimizer.learningRate(schedule.at(epoch))}. Schedules have no state, so that
 * training resumes anywhere.
 */
@FunctionalInterface
public interface Schedule {
  /** The learning rate at a time. */
  double at(int time);

  /** The same rate at all times. */
  static Schedule constant(double rate) {
    return time -> rate;
  }

  /** Multiplies by {@code factor} after every {@code period} (PyTorch's {@code StepLR}). */
  static Schedule step(double rate, int period, double factor) {
    requirePositive("period", period);
    return time -> rate * Math.pow(factor, time / period);
  }

  /**
   * Half a cosine from {@code rate} at 0 to {@code last} at {@code duration} and for ever after
   * (Loshchilov and Hutter 2017; PyTorch's {@code CosineAnnealingLR} up to there).
   */
  static Schedule cosine(double rate, double last, int duration) {
    requirePositive("duration", duration);
    return time ->
        last + (rate - last) / 2 * (1 + Math.cos(Math.PI * Math.min(time, duration) / duration));
  }

  /**
   * This schedule after a linear rise over {@code duration}: at time t below it {@code (t + 1) /
   * (duration + 1)} of the first rate, which is reached at {@code duration}.
   */
  default Schedule warmUp(int duration) {
    requirePositive("duration", duration);
    return time -> time < duration ? at(0) * (time + 1) / (duration + 1) : at(time - duration);
  }

  private static void requirePositive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException("schedule: " + name + "=" + value + " must be at least 1");
    }
  }
}
