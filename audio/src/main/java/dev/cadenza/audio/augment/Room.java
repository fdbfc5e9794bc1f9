package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;

/**
 * The sound of a room of bare walls, by the image method (Allen and Berkley 1979): every reflection
 * is the direct sound of a mirrored source, weaker by the walls it met and by its way. Source and
 * microphone stand anywhere, at least 0.3 m from the walls. The direct sound arrives at once and at
 * its old level; the length stays.
 *
 * @param sideMeters of each side of the room, drawn three times; at least 1 m
 * @param reverberationSeconds until sound has fallen by 60 dB (Sabine), at most 2 s
 */
public record Room(Range sideMeters, Range reverberationSeconds) implements Augmentation {
  private static final double SPEED_OF_SOUND = 343;
  private static final double FROM_WALL = 0.3;

  public Room {
    sideMeters.within("room", "sideMeters", 1, 100);
    reverberationSeconds.within("room", "reverberationSeconds", 0, 2);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("room", signal);
    double[] size = new double[3];
    double[] source = new double[3];
    double[] microphone = new double[3];
    for (int axis = 0; axis < 3; axis++) {
      size[axis] = sideMeters.draw(rng);
      Range inside = Range.of(FROM_WALL, size[axis] - FROM_WALL);
      source[axis] = inside.draw(rng);
      microphone[axis] = inside.draw(rng);
    }
    double seconds = reverberationSeconds.draw(rng);
    double[] response =
        response(size, source, microphone, reflection(size, seconds), seconds, sampleRate);
    return convolve(signal, response);
  }

  /**
   * The walls' reflection that gives a reverberation time, by Sabine; 0 where even 0 is too much.
   */
  private static double reflection(double[] size, double seconds) {
    double volume = size[0] * size[1] * size[2];
    double surface = 2 * (size[0] * size[1] + size[1] * size[2] + size[0] * size[2]);
    double absorption = 24 * Math.log(10) * volume / (SPEED_OF_SOUND * surface * seconds);
    return Math.sqrt(Math.max(0, 1 - absorption));
  }

  /**
   * The impulse response from the direct sound on, which has the value 1; each image falls on the
   * nearest sample.
   */
  static double[] response(
      double[] size,
      double[] source,
      double[] microphone,
      double reflection,
      double seconds,
      int sampleRate) {
    double direct = distance(size, source, microphone, new int[3], new int[3]);
    int length = 1 + (int) Math.ceil(seconds * sampleRate);
    double reach = direct + SPEED_OF_SOUND * length / sampleRate;
    int[] most = new int[3];
    Arrays.setAll(most, axis -> (int) Math.ceil(reach / (2 * size[axis])) + 1);
    double[] response = new double[length];
    int[] m = new int[3];
    for (m[0] = -most[0]; m[0] <= most[0]; m[0]++) {
      for (m[1] = -most[1]; m[1] <= most[1]; m[1]++) {
        for (m[2] = -most[2]; m[2] <= most[2]; m[2]++) {
          for (int mirror = 0; mirror < 8; mirror++) {
            int[] q = {mirror & 1, mirror >> 1 & 1, mirror >> 2};
            double d = distance(size, source, microphone, m, q);
            long at = Math.round((d - direct) / SPEED_OF_SOUND * sampleRate);
            if (at >= 0 && at < length) {
              response[(int) at] += Math.pow(reflection, walls(m, q)) * direct / d;
            }
          }
        }
      }
    }
    return response;
  }

  /** From the microphone to an image: 2 m size + source, mirrored where q is 1. */
  private static double distance(
      double[] size, double[] source, double[] microphone, int[] m, int[] q) {
    double sum = 0;
    for (int axis = 0; axis < 3; axis++) {
      double image = 2 * m[axis] * size[axis] + (1 - 2 * q[axis]) * source[axis];
      sum += (image - microphone[axis]) * (image - microphone[axis]);
    }
    return Math.sqrt(sum);
  }

  /** How many walls the sound of an image has met. */
  private static int walls(int[] m, int[] q) {
    int count = 0;
    for (int axis = 0; axis < 3; axis++) {
      count += Math.abs(m[axis] - q[axis]) + Math.abs(m[axis]);
    }
    return count;
  }

  private static float[] convolve(float[] signal, double[] response) {
    int n = Math.max(2, Integer.highestOneBit(signal.length + response.length - 1) * 2);
    // (signal + i response) convolved with itself has twice the wanted convolution as its imaginary
    // part, so one transform there and one back are enough.
    double[][] both = {new double[n], Arrays.copyOf(response, n)};
    for (int i = 0; i < signal.length; i++) {
      both[0][i] = signal[i];
    }
    FastFourierTransformer.transformInPlace(both, DftNormalization.STANDARD, TransformType.FORWARD);
    for (int k = 0; k < n; k++) {
      double re = both[0][k];
      double im = both[1][k];
      both[0][k] = re * re - im * im;
      both[1][k] = 2 * re * im;
    }
    FastFourierTransformer.transformInPlace(both, DftNormalization.STANDARD, TransformType.INVERSE);
    float[] out = new float[signal.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) (both[1][i] / 2);
    }
    return out;
  }
}
