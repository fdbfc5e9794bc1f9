package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.feature.Levels;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;

/**
 * Adds Gaussian noise of a colour. The noise is scaled so that its mean power stands exactly {@code
 * snrDb} below that of the speech: of what {@link Levels#split} keeps at 40 dB below the loudest
 * frame (2048 samples, hop 512), so that pauses do not count. Silence is returned as it is.
 *
 * @param color how the power of the noise depends on frequency
 * @param snrDb in dB, drawn for each signal; from -150 to 150
 */
public record Noise(Color color, Range snrDb) implements Augmentation {
  private static final double SILENCE_DB = 40;
  private static final int FRAME = 2048;
  private static final int HOP = 512;

  public Noise {
    snrDb.within("noise", "snrDb", -Range.MOST_DB, Range.MOST_DB);
  }

  /** Colours by the slope of their power density. */
  public enum Color {
    /** The same power in every band of so many Hz. */
    WHITE(0),
    /** -3 dB an octave: the same power in every octave. */
    PINK(-1),
    /** -6 dB an octave, as of a random walk. */
    BROWN(-2),
    /** +3 dB an octave. */
    BLUE(1),
    /** +6 dB an octave, as of white noise's differences. */
    VIOLET(2);

    /** The power density is proportional to frequency to this power. */
    private final double exponent;

    Color(double exponent) {
      this.exponent = exponent;
    }

    /** Gaussian noise of this colour with unit mean power. */
    public float[] noise(int length, RandomGenerator rng) {
      Check.atLeast("noise", "length", length, 1);
      int n = Math.max(2, Integer.highestOneBit(Math.max(1, length - 1)) * 2);
      double[] colored = new double[this == WHITE ? length : n];
      for (int i = 0; i < colored.length; i++) {
        colored[i] = rng.nextGaussian();
      }
      if (this != WHITE) {
        shape(colored);
      }
      double power = 0;
      for (int i = 0; i < length; i++) {
        power += colored[i] * colored[i];
      }
      double scale = power == 0 ? 0 : 1 / Math.sqrt(power / length);
      float[] noise = new float[length];
      for (int i = 0; i < length; i++) {
        noise[i] = (float) (scale * colored[i]);
      }
      return noise;
    }

    private void shape(double[] x) {
      double[][] spectrum = {x, new double[x.length]};
      FastFourierTransformer.transformInPlace(
          spectrum, DftNormalization.STANDARD, TransformType.FORWARD);
      for (int k = 0; k < x.length; k++) {
        double gain = k == 0 ? 0 : Math.pow(Math.min(k, x.length - k), exponent / 2);
        spectrum[0][k] *= gain;
        spectrum[1][k] *= gain;
      }
      FastFourierTransformer.transformInPlace(
          spectrum, DftNormalization.STANDARD, TransformType.INVERSE);
    }
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("noise", signal);
    double deviation = Math.sqrt(speechPower(signal)) * Math.pow(10, -snrDb.draw(rng) / 20);
    float[] noise = color.noise(signal.length, rng);
    float[] noisy = new float[signal.length];
    for (int i = 0; i < noisy.length; i++) {
      noisy[i] = (float) (signal[i] + deviation * noise[i]);
    }
    return noisy;
  }

  /** The mean power of what is not silent. */
  static double speechPower(float[] signal) {
    List<Levels.Interval> loud = Levels.split(signal, SILENCE_DB, FRAME, HOP);
    double power = 0;
    long count = 0;
    for (Levels.Interval interval : loud) {
      for (int i = interval.start(); i < interval.end(); i++) {
        power += (double) signal[i] * signal[i];
      }
      count += interval.end() - interval.start();
    }
    return count == 0 ? 0 : power / count;
  }
}
