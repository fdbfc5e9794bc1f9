package dev.cadenza.examples.ser;

import dev.cadenza.audio.Audio;
import dev.cadenza.data.Standardizer;
import dev.cadenza.io.CheckpointException;
import dev.cadenza.io.Safetensors;
import dev.cadenza.io.StateDict;
import dev.cadenza.models.ParallelCnnTransformer;
import dev.cadenza.tensor.Inference;
import dev.cadenza.tensor.Tensor;
import dev.cadenza.train.Predictions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A trained network with all that is needed to use it: features, scaling, names of the classes, and
 * where it comes from. One {@code .safetensors} file; the weights are the tensors {@code
 * network.*}, the rest is in {@code scaler.*} and in the metadata.
 *
 * <p>Immutable and thread-safe.
 */
public final class EmotionModel {

  private static final String NETWORK = "network.";
  private static final String SCALER = "scaler.";

  private final ParallelCnnTransformer network;
  private final FrontEnd frontEnd;
  private final Standardizer scaler;
  private final List<String> labels;
  private final Origin origin;
  private @Nullable Inference inference;

  /**
   * Where a model comes from.
   *
   * @param version of this program
   * @param data the corpus in words
   * @param fingerprint of the corpus, see {@link Corpus#fingerprint}
   * @param synthetic whether no person spoke
   * @param protocol how the corpus was divided, with the seed of the recipe
   * @param fold number of the split, from 1
   * @param folds how many there are
   * @param recipe how it was trained
   * @param validation the epoch that was kept, chosen by its scores on the validation part
   * @param test scores on the test part; null as long as nobody looked
   */
  public record Origin(
      String version,
      String data,
      String fingerprint,
      boolean synthetic,
      Protocol protocol,
      int fold,
      int folds,
      Recipe recipe,
      EpochScores validation,
      @Nullable TestScores test) {

    Origin with(EpochScores validation, @Nullable TestScores test) {
      return new Origin(
          version, data, fingerprint, synthetic, protocol, fold, folds, recipe, validation, test);
    }
  }

  /** Scores on the test part; fractions are within 0 and 1. */
  public record TestScores(int clips, double accuracy, double uar, double macroF1) {}

  /** The names under which the metadata holds what is no tensor, each as JSON. */
  private enum Entry {
    ARCHITECTURE,
    FEATURES,
    LABELS,
    ORIGIN,
    /** The features once more, down to the conventions: text, to be compared. */
    FEATURES_IN_FULL;

    String key() {
      return "cadenza." + name().toLowerCase(Locale.ROOT);
    }

    String of(Safetensors.File file) throws CheckpointException {
      String text = file.metadata().get(key());
      if (text == null) {
        throw new CheckpointException(
            file.path(), "is no emotion model, expected '" + key() + "' in its metadata");
      }
      return text;
    }
  }

  EmotionModel(
      ParallelCnnTransformer network, FrontEnd frontEnd, Standardizer scaler, Origin origin) {
    this(network, frontEnd, scaler, Emotion.texts(), origin);
  }

  private EmotionModel(
      ParallelCnnTransformer network,
      FrontEnd frontEnd,
      Standardizer scaler,
      List<String> labels,
      Origin origin) {
    this.network = network;
    this.frontEnd = frontEnd;
    this.scaler = scaler;
    this.labels = List.copyOf(labels);
    this.origin = origin;
    if (labels.size() != network.settings().classes()) {
      throw new IllegalArgumentException(
          labels.size() + " labels for " + network.settings().classes() + " classes");
    }
  }

  /**
   * Reads a model.
   *
   * @throws CheckpointException if the file is missing, damaged, or something else than a model
   */
  public static EmotionModel load(Path path) throws IOException {
    Safetensors.File file = Safetensors.read(path);
    String architecture = Entry.ARCHITECTURE.of(file);
    String features = Entry.FEATURES.of(file);
    String labels = Entry.LABELS.of(file);
    String origin = Entry.ORIGIN.of(file);
    try {
      FrontEnd frontEnd = new FrontEnd(Json.read(features, FrontEnd.Settings.class));
      String full = Entry.FEATURES_IN_FULL.of(file);
      if (!frontEnd.toString().equals(full)) {
        throw new CheckpointException(
            path, "was trained on features that this version does not compute: " + full);
      }
      // The weights are overwritten; building draws some first.
      ParallelCnnTransformer network =
          Json.read(architecture, ParallelCnnTransformer.Settings.class)
              .build(new SplittableRandom(0));
      StateDict.load(network, file.under(NETWORK));
      return new EmotionModel(
          network,
          frontEnd,
          Standardizer.of(file.under(SCALER).tensors()),
          List.of(Json.read(labels, String[].class)),
          Json.read(origin, Origin.class));
    } catch (IllegalArgumentException e) {
      String versions =
          "(written by " + writer(origin) + ", this is " + SerMain.Version.text() + ")";
      throw new CheckpointException(
          path, "is no emotion model that can be used " + versions + ": " + e.getMessage(), e);
    }
  }

  /** The version that wrote a model, even one whose record of its origin has changed since. */
  private static String writer(String origin) {
    try {
      Object version = Json.read(origin, Map.class).get("version");
      return version == null ? "an unknown version" : version.toString();
    } catch (IllegalArgumentException e) {
      return "an unknown version";
    }
  }

  /** Writes the model; the file appears when it is complete. */
  public void save(Path path) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    network.state().forEach((key, t) -> tensors.put(NETWORK + key, t));
    new TreeMap<>(scaler.tensors()).forEach((key, t) -> tensors.put(SCALER + key, t));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(Entry.ARCHITECTURE.key(), Json.text(network.settings()));
    metadata.put(Entry.FEATURES.key(), Json.text(frontEnd.settings()));
    metadata.put(Entry.FEATURES_IN_FULL.key(), frontEnd.toString());
    metadata.put(Entry.LABELS.key(), Json.text(labels));
    metadata.put(Entry.ORIGIN.key(), Json.text(origin));
    Safetensors.write(path, tensors, metadata);
  }

  /**
   * The probability of each class, [K] in the order of {@link #labels}.
   *
   * @param audio any sample rate, any number of channels
   * @throws IllegalArgumentException if there is no sample, if one is NaN or infinite, or if the
   *     network's answer is
   */
  public float[] predict(Audio audio) {
    if (audio.frames() == 0) {
      throw new IllegalArgumentException("the audio has no samples");
    }
    float[] features = frontEnd.features(frontEnd.signal(audio));
    scaler.apply(features);
    Tensor x = Tensor.of(features, 1, 1, frontEnd.bins(), frontEnd.frames());
    float[] probabilities = inference().run(x).softmax(-1).toFloatArray();
    if (Float.isNaN(probabilities[0])) { // then all are: they share a sum
      throw new IllegalArgumentException(
          "the model's numbers go beyond bounds on this sound, or the model is damaged");
    }
    return probabilities;
  }

  private synchronized Inference inference() {
    if (inference == null) {
      inference = network.forInference(1, 1, frontEnd.bins(), frontEnd.frames());
    }
    return inference;
  }

  /** What the network says about many clips. */
  Predictions predict(Examples examples) {
    return Predictions.of(
        network, examples.data().standardized(scaler), i -> examples.names().get(i));
  }

  /** The names of the classes in the order of the network's outputs. */
  public List<String> labels() {
    return labels;
  }

  /** From sound to features. */
  public FrontEnd frontEnd() {
    return frontEnd;
  }

  /** Where the model comes from. */
  public Origin origin() {
    return origin;
  }

  /** The same weights with another record of where they come from. */
  EmotionModel with(Origin origin) {
    return new EmotionModel(network, frontEnd, scaler, labels, origin);
  }
}
