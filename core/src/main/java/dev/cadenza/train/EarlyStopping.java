package dev.cadenza.train;

/**
 * Chooses the best of the epochs by a score, and says when waiting for a better one is over. An
 * epoch that only equals the best one is not better. The state follows from the scores: a resumed
 * run shows it those of the epochs before.
 */
public final class EarlyStopping {
  private final int patience;
  private int bestEpoch = -1;
  private double bestScore = Double.NEGATIVE_INFINITY;
  private int lastEpoch = -1;

  /**
   * @param patience how many epochs in a row may pass without a better one; at least 1
   */
  public EarlyStopping(int patience) {
    if (patience < 1) {
      throw new IllegalArgumentException(
          "earlyStopping: patience=" + patience + " must be at least 1");
    }
    this.patience = patience;
  }

  /**
   * Takes note of an epoch.
   *
   * @param score the higher the better; NaN is never better
   * @return whether it is better than all before
   */
  public boolean isBest(int epoch, double score) {
    lastEpoch = epoch;
    if (score > bestScore) {
      bestEpoch = epoch;
      bestScore = score;
      return true;
    }
    return false;
  }

  /** Whether patience is at its end. */
  public boolean isOver() {
    return lastEpoch - bestEpoch >= patience && lastEpoch >= 0;
  }

  /** The best epoch; -1 before the first. */
  public int bestEpoch() {
    return bestEpoch;
  }

  /** Its score. */
  public double bestScore() {
    return bestScore;
  }
}
