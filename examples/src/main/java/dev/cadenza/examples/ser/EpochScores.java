package dev.cadenza.examples.ser;

/**
 * What one epoch of training came to; fractions are within 0 and 1.
 *
 * @param epoch number of the epoch, from 1
 * @param trainLoss mean loss over the training clips, with dropout
 * @param trainAccuracy fraction of training clips recognised, with dropout
 * @param validationLoss mean loss over the validation clips
 * @param validationAccuracy fraction of validation clips recognised
 * @param validationUar unweighted average recall of the validation clips, which chooses the epoch
 */
public record EpochScores(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double validationLoss,
    double validationAccuracy,
    double validationUar) {

  /** Before the first epoch. */
  static final EpochScores NONE = new EpochScores(0, 0, 0, 0, 0, 0);
}
