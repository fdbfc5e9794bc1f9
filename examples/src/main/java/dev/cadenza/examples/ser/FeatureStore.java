package dev.cadenza.examples.ser;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.augment.Augmentation;
import dev.cadenza.audio.augment.Noise;
import dev.cadenza.audio.augment.Range;
import dev.cadenza.data.ArrayDataset;
import dev.cadenza.data.Seeds;
import dev.cadenza.kernel.Threads;
import dev.cadenza.shape.Shape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * The features of clips, computed on all threads when they are first asked for and kept in memory:
 * 45 KB a clip and copy for MFCCs of 40x282, 288 KB for a log-mel spectrogram of 128x563.
 *
 * <p>Noisy copies exist only of the clips that {@link #augmented} is asked for: the training part.
 */
final class FeatureStore {

  /** Noisy copies of each training clip in the reference recipe. */
  private static final int COPIES = 2;

  private static final Augmentation NOISE = new Noise(Noise.Color.WHITE, Range.of(15, 30));

  private final FrontEnd frontEnd;
  private final Shape shape;
  private final Map<Key, float[]> kept = new ConcurrentHashMap<>();

  /** Copy 0 is the clip as it was recorded. */
  private record Key(String sha256, int copy, long seed) {}

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
    return examples(clips, 0, 0);
  }

  /**
   * The clips as they were recorded, then copies with white noise, 15 to 30 dB below the speech.
   *
   * @param seed of the noise
   */
  Examples augmented(List<Clip> clips, long seed) throws IOException {
    return examples(clips, COPIES, seed);
  }

  private Examples examples(List<Clip> clips, int copies, long seed) throws IOException {
    try {
      Threads.parallelFor(clips.size(), i -> compute(clips.get(i), copies, seed));
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    List<float[]> features = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int copy = 0; copy <= copies; copy++) {
      for (Clip clip : clips) {
        features.add(kept.get(key(clip, copy, seed)));
        names.add(clip.name().stem() + (copy == 0 ? "" : " (noisy copy " + copy + ")"));
      }
    }
    int[] labels =
        IntStream.range(0, features.size()).map(i -> clips.get(i % clips.size()).label()).toArray();
    return new Examples(new ArrayDataset(shape, features, labels), names);
  }

  private static Key key(Clip clip, int copy, long seed) {
    return new Key(clip.sha256(), copy, copy == 0 ? 0 : seed);
  }

  private void compute(Clip clip, int copies, long seed) {
    if (IntStream.rangeClosed(0, copies).allMatch(c -> kept.containsKey(key(clip, c, seed)))) {
      return;
    }
    float[] signal = signal(clip);
    for (int copy = 0; copy <= copies; copy++) {
      float[] heard = copy == 0 ? signal : noisy(signal, clip, copy, seed);
      kept.put(key(clip, copy, seed), features(clip, heard));
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
  private float[] noisy(float[] signal, Clip clip, int copy, long seed) {
    RandomGenerator rng = Seeds.of(seed, copy, clip.name().stem().hashCode());
    return NOISE.apply(signal, frontEnd.settings().sampleRate(), rng);
  }
}
