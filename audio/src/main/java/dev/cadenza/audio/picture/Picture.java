package dev.cadenza.audio.picture;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.Framing;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.feature.Features;
import dev.cadenza.audio.feature.LogMel;
import dev.cadenza.audio.feature.LogScale;
import dev.cadenza.audio.feature.MelConfig;
import dev.cadenza.audio.feature.MelSettings;
import dev.cadenza.audio.feature.Mfcc;
import dev.cadenza.audio.feature.Spectrogram;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/**
 * A picture of sound: a waveform, a spectrogram or features over time in seconds, or several of
 * them above each other on one time axis.
 *
 * <pre>{@code
 * Picture.stack(Picture.waveform(audio), Picture.of(LogMel.librosa(), audio.samples()))
 *     .title("Kids are talking by the door")
 *     .write(Path.of("clip.png"));
 * }</pre>
 *
 * <p>Draws with {@code java.desktop} alone and needs no display, but a font on the machine; the
 * font decides how letters look. Immutable and thread-safe.
 */
public final class Picture {

  /** What lies further below the loudest is one colour. */
  private static final double DECIBELS = 100;

  /** The share of coefficients at each end whose colour is that of the end. */
  private static final double OUTLIERS = 0.02;

  private final List<Layer> layers;
  private final Layout layout;

  /** What users choose about one panel; null for what suits it. */
  private record Look(
      String title, @Nullable FrequencyAxis axis, @Nullable Double maxHz, ColourMap colours) {}

  /** A panel to be. */
  private record Layer(Look look, Function<Look, Panel> panel) {}

  private Picture(List<Layer> layers, Layout layout) {
    this.layers = layers;
    this.layout = layout;
  }

  private static Layer layer(String title, Function<Look, Panel> panel) {
    return new Layer(new Look(title, null, null, ColourMap.MAGMA), panel);
  }

  private static Picture of(Layer... layers) {
    return new Picture(List.of(layers), Layout.STANDARD);
  }

  /** The samples of each channel: their range and, darker, their root mean square. */
  public static Picture waveform(Audio audio) {
    int count = audio.channelCount();
    return of(
        IntStream.range(0, count)
            .mapToObj(c -> waveform(audio.channel(c), count == 1 ? "" : ", channel " + (c + 1)))
            .toArray(Layer[]::new));
  }

  private static Layer waveform(Audio channel, String which) {
    return layer(
        "Waveform" + which,
        look -> new Waveform(look.title, channel.samples(), channel.sampleRate()));
  }

  /** A spectrogram of a mono signal at its sample rate; the axis is one of mels unless set. */
  public static Picture of(Spectrogram spectrogram, float[] signal) {
    Features features = spectrogram.apply(signal);
    Spectrogram.Settings s = spectrogram.settings();
    Framing framing = s.stft().framing();
    double binHz = (double) s.sampleRate() / s.stft().nFft();
    int energy = s.energyFirst() ? 0 : -1;
    return of(
        layer(
            "Spectrogram",
            look ->
                new HeatMap(
                    look.title,
                    features,
                    framing,
                    s.sampleRate(),
                    (double) signal.length / s.sampleRate(),
                    frequencies(
                        look, FrequencyAxis.MEL, MelScale.SLANEY, 0, s.sampleRate() / 2.0, binHz),
                    Panel.HERTZ,
                    hz -> hz / binHz + 0.5,
                    scale(features, s.log(), energy, look.colours))));
  }

  /**
   * A log-mel spectrogram, without a row of energy, or cepstral coefficients of a mono signal at
   * the sample rate of the features. Mels are spread evenly unless another axis is set.
   * Coefficients are numbered by rows; the one that stands for the level does not count for the
   * range of colours.
   */
  public static Picture of(MelConfig<?> features, float[] signal) {
    return features instanceof Mfcc mfcc ? mfcc(mfcc, signal) : logMel((LogMel) features, signal);
  }

  private static Picture logMel(LogMel logMel, float[] signal) {
    Features features = logMel.energy(LogMel.Energy.NONE).apply(signal);
    MelSettings s = logMel.mel();
    Double fMax = s.fMax();
    double top = fMax != null ? fMax : s.sampleRate() / 2.0;
    MelScale mel = s.melScale();
    double low = mel.mel(s.fMin());
    // The middle of band m lies at m + 1 of nMels + 1 steps.
    double step = (mel.mel(top) - low) / (s.nMels() + 1);
    return of(
        layer(
            "Mel spectrogram, " + s.nMels() + " bands",
            look ->
                new HeatMap(
                    look.title,
                    features,
                    s.stft().framing(),
                    s.sampleRate(),
                    (double) signal.length / s.sampleRate(),
                    frequencies(look, FrequencyAxis.MEL, mel, s.fMin(), top, mel.hz(low + step)),
                    Panel.HERTZ,
                    hz -> (mel.mel(hz) - low) / step - 0.5,
                    scale(features, s.log(), -1, look.colours))));
  }

  private static Picture mfcc(Mfcc mfcc, float[] signal) {
    Features features = mfcc.apply(signal);
    MelSettings s = mfcc.mel();
    int rows = features.bins();
    boolean levelLast =
        switch (mfcc.settings().zeroth()) {
          case LAST, ENERGY_LAST -> true;
          case FIRST, ENERGY_FIRST -> false;
        };
    return of(
        layer(
            "MFCC, " + rows + (rows == 1 ? " coefficient" : " coefficients"),
            look ->
                new HeatMap(
                    look.title,
                    features,
                    s.stft().framing(),
                    s.sampleRate(),
                    (double) signal.length / s.sampleRate(),
                    Axis.rows(rows),
                    "",
                    row -> row + 0.5,
                    scale(features, levelLast ? rows - 1 : 0, look.colours))));
  }

  /**
   * @param axis what is drawn unless something else was chosen
   * @param lowest where an axis of octaves begins if {@code low} is 0
   */
  private static Axis frequencies(
      Look look, FrequencyAxis axis, MelScale mel, double low, double high, double lowest) {
    double top = look.maxHz == null ? high : Math.min(high, look.maxHz);
    return switch (look.axis == null ? axis : look.axis) {
      case LINEAR -> Axis.even(low, top);
      case MEL -> Axis.mel(low, top, mel);
      case LOG -> Axis.logarithmic(Math.max(low, lowest), top);
    };
  }

  /** The range of colours of powers: all of it, but not further down than {@link #DECIBELS}. */
  private static Panel.Scale scale(
      Features features, LogScale log, int energyRow, ColourMap colours) {
    float[] values = sorted(features, energyRow);
    double high = values.length == 0 ? 0 : values[values.length - 1];
    double low = values.length == 0 ? 0 : values[0];
    return switch (log.unit()) {
      case DECIBEL -> scale(features, Math.max(low, high - DECIBELS), high, "dB", colours);
      case NEPER ->
          scale(features, Math.max(low, high - DECIBELS / Decibels.PER_NEPER), high, "ln", colours);
      case POWER -> scale(features, low, high, "", colours);
    };
  }

  /** The range of colours of coefficients: a few far out must not take it for themselves. */
  private static Panel.Scale scale(Features features, int levelRow, ColourMap colours) {
    float[] values = sorted(features, levelRow);
    int out = (int) (values.length * OUTLIERS);
    double low = values.length == 0 ? 0 : values[out];
    double high = values.length == 0 ? 0 : values[values.length - 1 - out];
    return scale(features, low, high, "", colours);
  }

  private static Panel.Scale scale(
      Features features, double low, double high, String unit, ColourMap colours) {
    float[] all = sorted(features, -1);
    double top = high > low ? high : low + 1; // all may be alike
    boolean below = all.length > 0 && all[0] < low;
    boolean above = all.length > 0 && all[all.length - 1] > top;
    return new Panel.Scale(low, top, below, above, unit, colours);
  }

  /** All values in order, without those of one row if there are others. */
  private static float[] sorted(Features features, int ignored) {
    float[] values = features.values().clone();
    int frames = features.frames();
    if (ignored >= 0 && features.bins() > 1) {
      values = new float[(features.bins() - 1) * frames];
      System.arraycopy(features.values(), 0, values, 0, ignored * frames);
      System.arraycopy(
          features.values(),
          (ignored + 1) * frames,
          values,
          ignored * frames,
          values.length - ignored * frames);
    }
    Arrays.sort(values);
    return values;
  }

  /** Pictures above each other, on one time axis. */
  public static Picture stack(Picture... pictures) {
    if (pictures.length == 0) {
      throw new IllegalArgumentException("picture: there is nothing to stack");
    }
    List<Layer> layers = Stream.of(pictures).flatMap(p -> p.layers.stream()).toList();
    return new Picture(layers, pictures[0].layout);
  }

  /** What stands above the picture; several pictures keep their own titles below it. */
  public Picture title(String title) {
    return layers.size() == 1
        ? looking(look -> new Look(title, look.axis, look.maxHz, look.colours))
        : new Picture(layers, layout.title(title));
  }

  /** How frequencies are spread, where there are frequencies. */
  public Picture axis(FrequencyAxis axis) {
    return looking(look -> new Look(look.title, axis, look.maxHz, look.colours));
  }

  /** The highest frequency shown, in Hz; all there are unless set. */
  public Picture maxHz(double maxHz) {
    Check.positive("picture", "maxHz", maxHz);
    return looking(look -> new Look(look.title, look.axis, maxHz, look.colours));
  }

  /** What values become; {@link ColourMap#MAGMA} unless set. */
  public Picture colours(ColourMap colours) {
    return looking(look -> new Look(look.title, look.axis, look.maxHz, colours));
  }

  private Picture looking(UnaryOperator<Look> change) {
    return new Picture(
        layers.stream().map(l -> new Layer(change.apply(l.look), l.panel)).toList(), layout);
  }

  /**
   * The size before {@link #zoom}.
   *
   * @param width of the picture in pixels; 800 unless set
   * @param height of the area between the axes of each panel; 200 unless set
   */
  public Picture size(int width, int height) {
    Check.atLeast("picture", "width", width, 240);
    Check.atLeast("picture", "height", height, 40);
    return new Picture(layers, layout.size(width, height));
  }

  /** How many pixels become of one; 2 unless set, for letters that are sharp on fine screens. */
  public Picture zoom(double zoom) {
    Check.positive("picture", "zoom", zoom);
    return new Picture(layers, layout.zoom(zoom));
  }

  /** Draws the picture, without transparency. */
  public BufferedImage image() {
    return layout.draw(panels());
  }

  List<Panel> panels() {
    return layers.stream().map(l -> l.panel.apply(l.look)).toList();
  }

  /**
   * Writes a PNG file, replacing one that is there.
   *
   * @throws IOException also if this machine cannot draw text
   */
  public void write(Path file) throws IOException {
    BufferedImage image;
    try {
      image = image();
    } catch (InternalError | LinkageError e) {
      // What AWT throws without fonts depends on the machine: install fontconfig and a font.
      throw new IOException("picture: this machine cannot draw text (no font?): " + e, e);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      ImageIO.write(image, "png", out);
    }
  }
}
