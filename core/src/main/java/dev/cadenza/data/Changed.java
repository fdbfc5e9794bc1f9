package dev.cadenza.data;

import dev.cadenza.shape.Shape;

/** The examples of another data set, their features changed after reading. */
record Changed(Dataset source, Dataset.Augmentation change, long seed, int epoch)
    implements Dataset {
  @Override
  public int size() {
    return source.size();
  }

  @Override
  public Shape shape() {
    return source.shape();
  }

  @Override
  public int label(int index) {
    return source.label(index);
  }

  @Override
  public void read(int index, float[] into) {
    source.read(index, into);
    change.apply(into, Seeds.of(seed, epoch, index));
  }

  @Override
  public Dataset inEpoch(int epoch) {
    return new Changed(source.inEpoch(epoch), change, seed, epoch);
  }
}
