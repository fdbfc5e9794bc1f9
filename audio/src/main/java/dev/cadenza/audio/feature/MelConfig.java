package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Conditioning;
import dev.cadenza.audio.dsp.Framing.Alignment;
import dev.cadenza.audio.dsp.MelFilterBank;
import dev.cadenza.audio.dsp.MelScale;
import dev.cadenza.audio.dsp.PadMode;
import dev.cadenza.audio.dsp.Window;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The settings of {@link MelSettings}, one wither each, for the features that start from a mel
 * spectrogram. Each wither returns a changed copy; settings are checked when a copy is made, so set
 * {@code nFft} before a longer {@code winLength}.
 *
 * @param <T> the feature
 */
public abstract sealed class MelConfig<T extends MelConfig<T>> implements FeatureTransform
    permits LogMel, Mfcc {
  private final MelSettings mel;
  private volatile @Nullable MelSpectrum spectrum;

  MelConfig(MelSettings mel) {
    this.mel = mel;
  }

  abstract T with(MelSettings mel);

  private T with(Consumer<MelSettings.Draft> change) {
    MelSettings.Draft draft = new MelSettings.Draft(mel);
    change.accept(draft);
    return with(draft.build());
  }

  /** The settings of the mel spectrogram. */
  public final MelSettings mel() {
    return mel;
  }

  @Override
  public final int sampleRate() {
    return mel.sampleRate();
  }

  @Override
  public final int frames(int samples) {
    return mel.stft().framing().frames(samples);
  }

  /** Built on first use: withers make many copies that never see a signal. */
  final MelSpectrum spectrum() {
    MelSpectrum s = spectrum;
    if (s == null) {
      s = new MelSpectrum(mel);
      spectrum = s;
    }
    return s;
  }

  /** {@link #set(Map)} of one setting. */
  public final T set(String name, String value) {
    return set(Map.of(name, value));
  }

  /**
   * Sets all at once what has these names in Python, for command lines and configuration files:
   * {@code sr, n_fft, win_length, hop_length, window, center, pad_mode, power, n_mels, fmin, fmax,
   * htk, norm, ref, amin, top_db}; torchaudio's names {@code sample_rate, f_min, f_max, mel_scale}
   * and Kaldi's {@code use_energy} are known as well. Values are written as in Python; {@code None}
   * where Python takes it, {@code max} for {@code ref}.
   *
   * @throws IllegalArgumentException for an unknown name, with the list of all, or a value that
   *     cannot be read or does not fit the others
   */
  public final T set(Map<String, String> values) {
    PythonSettings settings = new PythonSettings(name(), values);
    T changed = with(settings);
    settings.finish();
    return changed;
  }

  /** Begins messages on settings. */
  abstract String name();

  abstract T with(PythonSettings settings);

  /** The settings of the mel spectrogram with changes. */
  final MelSettings mel(PythonSettings settings, String norm) {
    MelSettings.Draft draft = new MelSettings.Draft(mel);
    draft.set(settings, norm);
    return draft.build();
  }

  /** Sample rate in Hz. */
  public final T sampleRate(int sampleRate) {
    return with(s -> s.sampleRate = sampleRate);
  }

  /** Size of the Fourier transform. */
  public final T nFft(int nFft) {
    return with(s -> s.nFft = nFft);
  }

  /** Samples in the window, at most {@code nFft}; {@code nFft} unless set. */
  public final T winLength(int winLength) {
    return with(s -> s.winLength = winLength);
  }

  /** Samples from one frame to the next. */
  public final T hopLength(int hop) {
    return with(s -> s.hop = hop);
  }

  /** The taper. */
  public final T window(Window window) {
    return with(s -> s.window = window);
  }

  /**
   * Whether frames are centred on multiples of the hop, reaching beyond the ends, or lie inside.
   */
  public final T center(boolean center) {
    return alignment(center ? Alignment.CENTERED : Alignment.INSIDE);
  }

  /** How frames lie. */
  public final T alignment(Alignment alignment) {
    return with(s -> s.alignment = alignment);
  }

  /** What stands beyond the ends. */
  public final T padMode(PadMode padMode) {
    return with(s -> s.padMode = padMode);
  }

  /** What is done to a frame before the window. */
  public final T conditioning(Conditioning conditioning) {
    return with(s -> s.conditioning = conditioning);
  }

  /** Exponent of the magnitude spectrum: 2 for power, 1 for magnitude. */
  public final T power(double power) {
    return with(s -> s.power = power);
  }

  /** Number of bands. */
  public final T nMels(int nMels) {
    return with(s -> s.nMels = nMels);
  }

  /** Lowest frequency in Hz. */
  public final T fMin(double fMin) {
    return with(s -> s.fMin = fMin);
  }

  /** Highest frequency in Hz; half of the sample rate unless set. */
  public final T fMax(double fMax) {
    return with(s -> s.fMax = fMax);
  }

  /** How bands are spaced. */
  public final T melScale(MelScale melScale) {
    return with(s -> s.melScale = melScale);
  }

  /** How bands are scaled. */
  public final T melNorm(MelFilterBank.Norm melNorm) {
    return with(s -> s.melNorm = melNorm);
  }

  /** What the sides of a band are straight over. */
  public final T triangles(MelFilterBank.Triangles triangles) {
    return with(s -> s.triangles = triangles);
  }

  /** The logarithm. */
  public final T log(LogScale.Unit unit) {
    return with(s -> s.unit = unit);
  }

  /** Power that becomes 0. */
  public final T ref(double ref) {
    return with(s -> s.ref = ref);
  }

  /** The clip's maximum becomes 0: librosa's {@code ref=np.max}. */
  public final T refMax() {
    return with(s -> s.ref = null);
  }

  /** Least power before the logarithm. */
  public final T amin(double amin) {
    return with(s -> s.amin = amin);
  }

  /** How far below the clip's maximum values are cut; null for not at all. */
  public final T topDb(@Nullable Double topDb) {
    return with(s -> s.topDb = topDb);
  }
}
