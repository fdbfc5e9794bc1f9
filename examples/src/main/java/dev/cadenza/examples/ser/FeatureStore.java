package dev.cadenza.examples.ser;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.augment.Augmentation;
import dev.cadenza.data.ArrayDataset;
import dev.cadenza.data.Seeds;
import dev.cadenza.kernel.Threads;
import dev.cadenza.shape.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The features of clips, computed on all threads when they are first asked for and kept in memory:
 * 45 KB a clip and copy for MFCCs of 40x282, 288 KB for a log-mel spectrogram of 128x563.
 *
 * <p>Changed copies exist only of the clips that {@link #augmented} is asked for: the training
 * part.
 */
final class FeatureStore {

  private final FrontEnd frontEnd;
  private final Shape shape;
  private final Map<Key, float[]> kept = new ConcurrentHashMap<>();

  /** Copy 0 is the clip as it was recorded. */
  private record Key(String sha256, int copy, Augment augment, long seed) {}

  FeatureStore(FrontEnd frontEnd) {
    this.frontEnd = frontEnd;
    this.shape = Shape.of(1, frontEnd.bins(), frontEnd.frames());
  }

  /** What computes the features. */
  FrontEnd frontEnd() {
    return frontEnd;
  }

  /** The clips as they were recorded. */
  Examples of(List<Clip> clips) throws IOException {
    return augmented(clips, Augment.NONE, 0);
  }

  /**
   * The clips as they were recorded, then changed copies.
   *
   * @param seed of the changes
   */
  Examples augmented(List<Clip> clips, Augment augment, long seed) throws IOException {
    try {
      Threads.parallelFor(clips.size(), i -> compute(clips.get(i), augment, seed));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<float[]> features = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int copy = 0; copy <= augment.copies(); copy++) {
      for (Clip clip : clips) {
        features.add(kept.get(key(clip, copy, augment, seed)));
        names.add(clip.name().stem() + (copy == 0 ? "" : " (copy " + copy + ")"));
      }
    }
    int[] labels =
        IntStream.range(0, features.size()).map(i -> clips.get(i % clips.size()).label()).toArray();
    return new Examples(new ArrayDataset(shape, features, labels), names);
  }

  private static Key key(Clip clip, int copy, Augment augment, long seed) {
    return copy == 0
        ? new Key(clip.sha256(), 0, Augment.NONE, 0)
        : new Key(clip.sha256(), copy, augment, seed);
  }

  private void compute(Clip clip, Augment augment, long seed) {
    List<Key> keys =
        IntStream.rangeClosed(0, augment.copies())
            .mapToObj(copy -> key(clip, copy, augment, seed))
            .toList();
    if (kept.keySet().containsAll(keys)) {
      return;
    }
    float[] signal = signal(clip);
    for (Key key : keys) {
      kept.put(key, features(clip, key.copy == 0 ? signal : varied(signal, clip, key)));
    }
  }

  private float[] signal(Clip clip) {
    try (ByteArrayInputStream bytes = new ByteArrayInputStream(clip.source().read())) {
      return frontEnd.signal(AudioFile.read(bytes, clip.location()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private float[] features(Clip clip, float[] signal) {
    try {
      return frontEnd.features(signal);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(clip.location() + ": " + e.getMessage(), e);
    }
  }

  /** Depends on the clip, the copy and the seed, not on what else is in the training part. */
  private float[] varied(float[] signal, Clip clip, Key key) {
    RandomGenerator rng = Seeds.of(key.seed, key.copy, clip.name().stem().hashCode());
    Augmentation vary = key.augment.ofRecordings().orElseThrow();
    float[] varied = vary.apply(signal, frontEnd.settings().sampleRate(), rng);
    return Arrays.copyOf(varied, signal.length); // faster is shorter
  }
}
