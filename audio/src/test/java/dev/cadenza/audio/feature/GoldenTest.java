package dev.cadenza.audio.feature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.audio.dsp.ComplexSpectrum;
import dev.cadenza.audio.dsp.Conditioning;
import dev.cadenza.audio.dsp.Dct;
import dev.cadenza.audio.dsp.Decibels;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.InverseStft;
import dev.cadenza.audio.dsp.LinearPrediction;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.dsp.PadMode;
import dev.cadenza.audio.dsp.PreEmphasis;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import dev.cadenza.audio.feature.Goldens.Case;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every case of {@code tools/golden/audio_dsp*_goldens.py}: values of librosa, scipy, numpy and
 * torchaudio.
 */
class GoldenTest {
  private static final Stft.Settings DEFAULT = Stft.Settings.librosa(2048, 2048, 512, Window.HANN);

  @ParameterizedTest
  @CsvSource({"audio_dsp, 314", "audio_dsp_torchaudio, 59"})
  void everyCaseIsThere(String file, int count) {
    assertThat(Goldens.cases(file)).hasSize(count);
  }

  @TestFactory
  Stream<DynamicTest> equalsTheOtherTool() {
    return Stream.of("audio_dsp", "audio_dsp_torchaudio")
        .flatMap(file -> Goldens.cases(file).stream())
        .map(c -> DynamicTest.dynamicTest(c.toString(), () -> check(c)));
  }

  private static void check(Case c) {
    Npy got = compute(c);
    assertThat(got.shape()).isEqualTo(c.expected().shape());
    double tolerance = tolerance(c);
    for (int i = 0; i < got.values().length; i++) {
      assertThat((double) got.values()[i])
          .as("value %d", i)
          .isCloseTo(c.expected().values()[i], within(tolerance));
    }
  }

  /** Absolute; that of the issue where it names one, else what rounding to float explains. */
  private static double tolerance(Case c) {
    double maximum = 0;
    for (float v : c.expected().values()) {
      maximum = Math.max(maximum, Math.abs(v));
    }
    return switch (c.kind()) {
      case "logmel", "default_logmel", "torchaudio_logmel", "kaldi_fbank" -> 1e-4;
      case "mfcc", "default_mfcc", "torchaudio_mfcc", "kaldi_mfcc" -> 1e-3;
      // The logarithm of a single bin: one that nearly vanishes shows the rounding of its frame.
      case "kaldi_spectrogram" -> 1e-4;
      // librosa's floor is one float apart from ours at most, its logarithm 1e-5 dB.
      case "contrast" -> 1e-4;
      // Where windows overlap thinly, the sum of their squares falling to 2e-5, the rounding of the
      // spectrum to float is
      // divided by the root of that.
      case "istft" -> 2e-5 * maximum;
      // Each a handful of float roundings: 1e-6 of the largest value.
      default -> 1e-6 * Math.max(maximum, 1e-3);
    };
  }

  private static Npy compute(Case c) {
    return switch (c.kind()) {
      case "logmel" -> Npy.of(set(LogMel.librosa(), c).apply(c.samples()));
      case "default_logmel" -> Npy.of(LogMel.librosa().apply(c.samples()));
      case "torchaudio_logmel" -> Npy.of(set(LogMel.torchaudio(), c).apply(c.samples()));
      case "mfcc" -> Npy.of(set(Mfcc.librosa(), c).apply(c.samples()));
      case "default_mfcc" -> Npy.of(Mfcc.librosa().apply(c.samples()));
      case "torchaudio_mfcc" -> Npy.of(set(Mfcc.torchaudio(), c).apply(c.samples()));
      case "kaldi_fbank" -> kaldiFbank(c);
      case "kaldi_mfcc" -> Npy.of(kaldiMfcc(c).apply(c.samples()));
      case "kaldi_spectrogram" -> everyEighthRow(Spectrogram.kaldi().apply(c.samples()));
      case "stft" -> stft(c);
      case "istft" -> istft(c);
      case "window" -> window(c);
      case "mel" -> mel(c);
      case "dct" -> dct(c);
      case "power_to_db", "amplitude_to_db", "db_to_power", "db_to_amplitude" -> decibels(c);
      case "preemphasis" -> vector(PreEmphasis.apply(c.samples(), c.real("coef")));
      case "deemphasis" -> vector(PreEmphasis.undo(c.samples(), c.real("coef")));
      case "delta" ->
          Npy.of(Deltas.savitzkyGolay(matrix(c, 5), c.number("width"), c.number("order")));
      case "regression" -> Npy.of(Deltas.regression(matrix(c, 5), c.number("window")));
      case "cmvn" ->
          Npy.of(Cmvn.sliding(matrix(c, 5), c.number("window"), c.text("variance").equals("True")));
      case "pcen" -> pcen(c);
      case "chroma" -> chroma(c);
      case "rms" -> row(Levels.rms(c.samples(), c.number("n_fft"), c.number("hop_length")));
      case "zero_crossing_rate" ->
          row(Levels.zeroCrossingRate(c.samples(), c.number("n_fft"), c.number("hop_length")));
      case "trim", "split" -> silence(c);
      case "lpc", "formants" -> prediction(c);
      case "yin" -> vector(pitch(c).yin(c.samples()));
      case "pyin" -> pyin(c);
      default -> shape(c);
    };
  }

  private static <T extends MelConfig<T>> T set(T config, Case c) {
    T result = config;
    for (Map.Entry<String, String> setting : c.settings().entrySet()) {
      result = result.set(setting.getKey(), setting.getValue());
    }
    return result;
  }

  private static <T extends MelConfig<T>> T snip(T config, Case c) {
    return config.alignment(
        c.flag("snip_edges") ? Alignment.WINDOW_INSIDE : Alignment.HOP_CENTERED);
  }

  private static Mfcc kaldiMfcc(Case c) {
    Mfcc mfcc = snip(Mfcc.kaldi(c.number("sr")), c);
    return c.has("use_energy") ? mfcc.set("use_energy", c.text("use_energy")) : mfcc;
  }

  private static Npy kaldiFbank(Case c) {
    LogMel logMel = snip(LogMel.kaldi(c.number("sr")), c);
    if (c.has("n_mels")) {
      logMel = logMel.nMels(c.number("n_mels"));
    }
    if (c.has("energy")) {
      logMel =
          logMel.energy(
              c.text("energy").equals("first") ? LogMel.Energy.FIRST : LogMel.Energy.LAST);
    }
    return Npy.of(logMel.apply(c.samples()));
  }

  private static Npy everyEighthRow(Features f) {
    int rows = (f.bins() + 7) / 8;
    float[] values = new float[rows * f.frames()];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(f.row(8 * r), 0, values, r * f.frames(), f.frames());
    }
    return new Npy(values, rows, f.frames());
  }

  private static Stft.Settings stftSettings(Case c) {
    return new Stft.Settings(
        c.number("n_fft"),
        c.has("win_length") ? c.number("win_length") : c.number("n_fft"),
        c.number("hop_length"),
        Window.HANN,
        c.has("center") && !c.flag("center") ? Alignment.INSIDE : Alignment.CENTERED,
        PadMode.CONSTANT,
        Conditioning.NONE);
  }

  private static Npy stft(Case c) {
    ComplexSpectrum s = new Stft(stftSettings(c)).forward(c.samples());
    float[] both = Arrays.copyOf(s.re(), 2 * s.re().length);
    System.arraycopy(s.im(), 0, both, s.re().length, s.im().length);
    return new Npy(both, 2, s.bins(), s.frames());
  }

  private static Npy istft(Case c) {
    ComplexSpectrum s = new Stft(stftSettings(c)).forward(c.samples());
    for (int k = 0; k < s.bins(); k++) {
      for (int t = 0; t < s.frames(); t++) {
        double factor = 1 + 0.5 * Math.cos(t);
        s.re()[k * s.frames() + t] *= (float) factor;
        s.im()[k * s.frames() + t] *= (float) factor;
      }
    }
    Integer length = c.text("length").equals("None") ? null : c.number("length");
    return vector(new InverseStft(stftSettings(c)).apply(s, length));
  }

  private static Npy window(Case c) {
    float[] values = new float[2 * 66];
    int at = 0;
    Window periodic = Window.parse(c.text("window"));
    for (Window window : List.of(periodic, periodic.symmetric())) {
      for (int n : new int[] {1, 2, 31, 32}) {
        for (double v : window.samples(n)) {
          values[at++] = (float) v;
        }
      }
    }
    return new Npy(values, 2, 66);
  }

  private static Npy mel(Case c) {
    float[][] bank =
        MelFilterBank.of(
                c.number("sr"),
                c.number("n_fft"),
                c.number("n_mels"),
                c.real("fmin"),
                c.real("fmax"),
                c.flag("htk") ? MelScale.HTK : MelScale.SLANEY,
                c.text("norm").equals("slaney")
                    ? MelFilterBank.Norm.SLANEY
                    : MelFilterBank.Norm.NONE,
                MelFilterBank.Triangles.HZ)
            .toArray();
    return Npy.of(Features.of(bank, bank[0].length));
  }

  private static Npy dct(Case c) {
    int size = c.number("size");
    Dct.Norm norm = c.text("norm").equals("ortho") ? Dct.Norm.ORTHO : Dct.Norm.NONE;
    Features x = matrix(c, size);
    float[][] rows = new float[size][];
    Arrays.setAll(rows, x::row);
    float[][] out = new float[size][3];
    new Dct(c.number("type"), size, size, norm).apply(rows, out, 3);
    return Npy.of(Features.of(out, 3));
  }

  private static Npy decibels(Case c) {
    float[] x = c.samples();
    double ref = c.real("ref");
    if (c.kind().startsWith("db_to")) {
      for (int i = 0; i < x.length; i++) {
        x[i] *= 80;
      }
      return vector(
          c.kind().equals("db_to_power") ? Decibels.toPower(x, ref) : Decibels.toAmplitude(x, ref));
    }
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.abs(x[i]);
    }
    Double topDb = c.text("top_db").equals("None") ? null : c.real("top_db");
    return vector(
        c.kind().equals("power_to_db")
            ? Decibels.ofPower(x, ref, c.real("amin"), topDb)
            : Decibels.ofAmplitude(x, ref, c.real("amin"), topDb));
  }

  private static Npy pcen(Case c) {
    Features x = matrix(c, 8);
    for (int i = 0; i < x.values().length; i++) {
      x.values()[i] = Math.abs(x.values()[i]) * 1000;
    }
    Pcen pcen =
        new Pcen(c.real("gain"), c.real("bias"), c.real("power"), c.real("time_constant"), 1e-6);
    return Npy.of(pcen.apply(x, c.number("sr"), c.number("hop_length")));
  }

  private static Npy chroma(Case c) {
    Chroma chroma = Chroma.librosa(c.number("sr")).stft(stftSettings(c));
    if (c.has("tuning")) {
      chroma = chroma.tuning(c.real("tuning"));
    }
    if (c.has("n_chroma")) {
      chroma = chroma.nChroma(c.number("n_chroma"));
    }
    return Npy.of(chroma.apply(c.samples()));
  }

  private static Npy silence(Case c) {
    int length = c.number("frame_length");
    int hop = c.number("hop_length");
    if (c.kind().equals("trim")) {
      Levels.Interval i = Levels.trim(c.samples(), c.real("top_db"), length, hop);
      return new Npy(new float[] {i.start(), i.end()}, 2);
    }
    List<Levels.Interval> found = Levels.split(c.samples(), c.real("top_db"), length, hop);
    float[] edges = new float[2 * found.size()];
    for (int i = 0; i < found.size(); i++) {
      edges[2 * i] = found.get(i).start();
      edges[2 * i + 1] = found.get(i).end();
    }
    return new Npy(edges, found.size(), 2);
  }

  private static Npy prediction(Case c) {
    float[] frame = Arrays.copyOfRange(c.samples(), c.number("first"), c.number("last"));
    int order = c.number("order");
    if (c.kind().equals("lpc")) {
      double[] a = LinearPrediction.burg(frame, order);
      float[] values = new float[a.length];
      for (int i = 0; i < a.length; i++) {
        values[i] = (float) a[i];
      }
      return vector(values);
    }
    List<LinearPrediction.Formant> formants =
        LinearPrediction.formants(frame, c.number("sr"), order);
    float[] values = new float[2 * formants.size()];
    for (int i = 0; i < formants.size(); i++) {
      values[2 * i] = (float) formants.get(i).frequency();
      values[2 * i + 1] = (float) formants.get(i).bandwidth();
    }
    return new Npy(values, formants.size(), 2);
  }

  private static Pitch pitch(Case c) {
    return new Pitch(
        c.number("sr"),
        c.real("fmin"),
        c.real("fmax"),
        c.number("frame_length"),
        c.number("hop_length"));
  }

  private static Npy pyin(Case c) {
    ProbabilisticYin.Track track = pitch(c).pyin(c.samples());
    int frames = track.f0().length;
    float[] values = new float[3 * frames];
    for (int t = 0; t < frames; t++) {
      values[t] = track.voiced()[t] ? track.f0()[t] : 0;
      values[frames + t] = track.voiced()[t] ? 1 : 0;
      values[2 * frames + t] = track.voicedProbability()[t];
    }
    return new Npy(values, 3, frames);
  }

  private static Npy shape(Case c) {
    SpectralShape shape = SpectralShape.of(c.samples(), c.number("sr"), new Stft(stftSettings(c)));
    return switch (c.kind()) {
      case "centroid" -> row(shape.centroid());
      case "bandwidth" -> row(shape.bandwidth(c.real("p")));
      case "rolloff" -> row(shape.rolloff(c.real("share")));
      case "flatness" -> row(shape.flatness());
      case "contrast" ->
          Npy.of(shape.contrast(c.real("fmin"), c.number("n_bands"), c.real("quantile")));
      default -> throw new IllegalArgumentException("no way to compute " + c);
    };
  }

  private static Features matrix(Case c, int rows) {
    float[] x = c.samples();
    return new Features(x, rows, x.length / rows);
  }

  private static Npy vector(float[] values) {
    return new Npy(values, values.length);
  }

  private static Npy row(float[] values) {
    return new Npy(values, 1, values.length);
  }

  @Test
  void theDefaultTransformIsLibrosas() {
    assertThat(LogMel.librosa().mel().stft()).isEqualTo(DEFAULT);
  }
}
