package dev.cadenza.audio.dsp;

import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Short-time Fourier transform.
 *
 * <pre>
 *   signal  [n]        samples
 *   result  [F, T]     F = nFft / 2 + 1 bins, T = framing.frames(n)
 * </pre>
 *
 * <p>Computed in double precision, as librosa does, and rounded to float once. Frames are
 * transformed many at a time, so that the arithmetic runs over frames. Thread-safe: buffers are
 * borrowed for a call.
 */
public final class Stft {
  /**
   * Frames in one block: enough for the arithmetic to run over them, and so few that the steps of a
   * transform are many, which brings the compiler sooner.
   */
  private static final int BLOCK = 32;

  /**
   * Frames in one chunk of a spectrogram: enough for long loops, few enough to stay in the cache.
   */
  private static final int CHUNK = 12 * BLOCK;

  private final Settings settings;
  private final Framing framing;
  private final RealFft fft;
  private final FrameColumns columns;
  private final ConcurrentLinkedQueue<Block> idle = new ConcurrentLinkedQueue<>();

  /**
   * What a transform is.
   *
   * @param nFft size of the Fourier transform, at least 1; any size works, products of 2, 3 and 5
   *     are fast
   * @param winLength length of the window, at most {@code nFft}
   * @param hop samples between frames
   * @param window the taper
   * @param alignment how frames lie; {@code CENTERED} and {@code INSIDE} frames are {@code nFft}
   *     long with the window in their middle, {@code WINDOW_INSIDE} and {@code HOP_CENTERED} ones
   *     are as long as the window
   * @param padMode what stands beyond the signal's ends
   * @param conditioning what is done to a frame before the window
   */
  public record Settings(
      int nFft,
      int winLength,
      int hop,
      Window window,
      Framing.Alignment alignment,
      PadMode padMode,
      Conditioning conditioning) {
    public Settings {
      Check.atLeast("stft", "nFft", nFft, 1);
      Check.atLeast("stft", "winLength", winLength, 1);
      Check.atLeast("stft", "hop", hop, 1);
      if (winLength > nFft) {
        throw new IllegalArgumentException(
            "stft: winLength=" + winLength + " must be at most nFft=" + nFft);
      }
    }

    @Override
    public String toString() {
      return RecordText.of(this);
    }

    /** librosa's: centred, padded with zeros, nothing done to a frame before the window. */
    public static Settings librosa(int nFft, int winLength, int hop, Window window) {
      return new Settings(
          nFft,
          winLength,
          hop,
          window,
          Framing.Alignment.CENTERED,
          PadMode.CONSTANT,
          Conditioning.NONE);
    }

    /** Where the frames lie. */
    public Framing framing() {
      return new Framing(alignment.isWholeTransform() ? nFft : winLength, hop, alignment, padMode);
    }
  }

  public Stft(Settings settings) {
    this(settings, Kernels.LANES);
  }

  Stft(Settings settings, LaneKernel kernel) {
    this.settings = settings;
    framing = settings.framing();
    fft = new RealFft(settings.nFft(), kernel);
    columns = new FrameColumns(settings, fft);
  }

  public Settings settings() {
    return settings;
  }

  /** F, the number of frequency bins. */
  public int bins() {
    return fft.bins();
  }

  /** T, the number of frames of a signal. */
  public int frames(int samples) {
    return framing.frames(samples);
  }

  /** Refuses what cannot be transformed. */
  private void check(float[] signal) {
    Check.signal("stft", signal);
    if (settings.alignment() == Framing.Alignment.INSIDE && signal.length < settings.nFft()) {
      throw new IllegalArgumentException(
          "stft: the signal has "
              + signal.length
              + " samples, frames inside it need at least nFft="
              + settings.nFft());
    }
  }

  /** Receives a spectrogram in chunks of frames. */
  @FunctionalInterface
  public interface Chunks {
    /**
     * @param rows {@code [F, count]}; rows may be longer, and are used again for the next chunk
     * @param first the frame in column 0
     * @param count the number of frames
     */
    void accept(float[][] rows, int first, int count);
  }

  /**
   * The magnitude spectrum to a power, in chunks, so that it never exists as a whole.
   *
   * @param exponent 2 for power, 1 for magnitude
   */
  public void power(float[] signal, double exponent, Chunks chunks) {
    int frames = frames(signal.length);
    check(signal);
    Block block = borrow();
    for (int first = 0; first < frames; first += CHUNK) {
      int count = Math.min(CHUNK, frames - first);
      power(signal, first, count, block);
      if (exponent != 2) {
        raise(block.power, rowLength(count), exponent / 2);
      }
      chunks.accept(block.power, first, count);
    }
    idle.add(block);
  }

  /** The magnitude spectrum to a power, {@code [F, T]}. */
  public float[][] power(float[] signal, double exponent) {
    float[][] result = new float[bins()][frames(signal.length)];
    power(
        signal,
        exponent,
        (rows, first, count) -> {
          for (int k = 0; k < rows.length; k++) {
            System.arraycopy(rows[k], 0, result[k], first, count);
          }
        });
    return result;
  }

  /**
   * The length that rows of {@code frames} frames should have for the loops to run in whole
   * vectors: then a value does not depend on where in a row it stands.
   */
  public static int rowLength(int frames) {
    return roundUp(frames, 32);
  }

  private static int roundUp(int count, int multiple) {
    return (count + multiple - 1) / multiple * multiple;
  }

  /** The transform itself, {@code [F, T]}. */
  public ComplexSpectrum forward(float[] signal) {
    int frames = frames(signal.length);
    check(signal);
    float[] re = new float[Math.multiplyExact(bins(), frames)];
    float[] im = new float[re.length];
    double[] binRe = new double[bins() * BLOCK];
    double[] binIm = new double[bins() * BLOCK];
    Block block = borrow();
    for (int first = 0; first < frames; first += BLOCK) {
      int count = Math.min(BLOCK, frames - first);
      int lanes = roundUp(count, LaneKernel.LANES_MULTIPLE);
      int used = columns.load(signal, first, count, lanes, block.re, block.im, block.frame, true);
      fft.forward(block.re, block.im, lanes, used);
      fft.bins(block.re, block.im, lanes, binRe, binIm);
      for (int k = 0; k < bins(); k++) {
        for (int i = 0; i < count; i++) {
          re[k * frames + first + i] = (float) binRe[k * lanes + i];
          im[k * frames + first + i] = (float) binIm[k * lanes + i];
        }
      }
    }
    idle.add(block);
    return new ComplexSpectrum(re, im, bins(), frames);
  }

  /**
   * The natural logarithm of each frame's energy before pre-emphasis and window, {@code [T]}:
   * Kaldi's and HTK's raw energy, at least that of Kaldi's floor.
   */
  public float[] logEnergy(float[] signal) {
    check(signal);
    Conditioning raw =
        new Conditioning(settings.conditioning.gain(), settings.conditioning.removeMean(), 0);
    double[] frame = new double[framing.length()];
    float[] result = new float[frames(signal.length)];
    for (int t = 0; t < result.length; t++) {
      raw.apply(signal, framing.firstSample() + t * settings.hop, framing, frame);
      double energy = 0;
      for (double x : frame) {
        energy += raw.gain() * x * (raw.gain() * x);
      }
      result[t] = (float) Math.log(Math.max(Math.ulp(1f), energy));
    }
    return result;
  }

  private void power(float[] signal, int first, int frames, Block block) {
    for (int done = 0; done < frames; done += BLOCK) {
      int count = Math.min(BLOCK, frames - done);
      int lanes = roundUp(count, LaneKernel.LANES_MULTIPLE);
      int used =
          columns.load(signal, first + done, count, lanes, block.re, block.im, block.frame, false);
      fft.forward(block.re, block.im, lanes, used);
      fft.power(block.re, block.im, lanes, block.power, done);
    }
  }

  private static void raise(float[][] power, int count, double exponent) {
    for (float[] row : power) {
      for (int i = 0; i < count; i++) {
        row[i] = (float) (exponent == 0.5 ? Math.sqrt(row[i]) : Math.pow(row[i], exponent));
      }
    }
  }

  /** Buffers: the transform's, rows of BLOCK lanes or fewer; a frame; the power of CHUNK frames. */
  private record Block(double[] re, double[] im, double[] frame, float[][] power) {}

  private Block borrow() {
    Block block = idle.poll();
    if (block != null) {
      return block;
    }
    int size = fft.rows() * BLOCK;
    return new Block(
        new double[size], new double[size], new double[columns.length()], new float[bins()][CHUNK]);
  }
}
