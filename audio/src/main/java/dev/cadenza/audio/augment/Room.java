package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import org.apache.commons.math3.transform.DftNormalization;
import org.apache.commons.math3.transform.FastFourierTransformer;
import org.apache.commons.math3.transform.TransformType;

/**
 * The sound of a room of bare walls, by the image method (Allen and Berkley 1979): every reflection
 * is the direct sound of a mirrored source, weaker by the walls it met and by its way. Source and
 * microphone stand anywhere, at least 0.3 m from the walls. The direct sound arrives at once and at
 * its old level; the length stays. Allen and Berkley's high-pass filter at 1 % of the sample rate
 * is left out. The images to be added grow with the cube of reverberation by side: a million or so
 * in 3 m and 0.5 s, a second's work in 1 m and 1 s.
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
   * The walls' reflection that gives a reverberation time, by Sabine; 0 where even bare openings
   * would reverberate longer.
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
    double square = 0;
    for (int axis = 0; axis < 3; axis++) {
      square += (source[axis] - microphone[axis]) * (source[axis] - microphone[axis]);
    }
    double direct = Math.sqrt(square);
    int length = 1 + (int) Math.ceil(seconds * sampleRate);
    double reach = direct + SPEED_OF_SOUND * length / sampleRate;
    Image[][] images = new Image[3][];
    Arrays.setAll(images, i -> images(size[i], source[i], microphone[i], reflection, reach));
    double[] response = new double[length];
    for (Image x : images[0]) {
      for (Image y : images[1]) {
        double xy = x.square + y.square;
        double gain = x.gain * y.gain * direct;
        for (Image z : images[2]) {
          double distance = Math.sqrt(xy + z.square);
          int at = (int) Math.round((distance - direct) / SPEED_OF_SOUND * sampleRate);
          if (at >= length) {
            break; // those behind are farther
          }
          response[at] += gain * z.gain / distance;
        }
      }
    }
    return response;
  }

  /**
   * An image of the source along one axis; those of the room are all triples.
   *
   * @param square of the distance from the microphone
   * @param gain what the walls left of it
   */
  private record Image(double square, double gain) {}

  /** The images within reach, and a few more: at 2 m size + source, mirrored where q is 1. */
  private static Image[] images(
      double size, double source, double microphone, double reflection, double reach) {
    int most = (int) Math.ceil(reach / (2 * size)) + 1;
    List<Image> images = new ArrayList<>();
    for (int m = -most; m <= most; m++) {
      for (int q = 0; q <= 1; q++) {
        double distance = 2 * m * size + (1 - 2 * q) * source - microphone;
        int walls = Math.abs(m - q) + Math.abs(m);
        images.add(new Image(distance * distance, Math.pow(reflection, walls)));
      }
    }
    images.sort(Comparator.comparingDouble(Image::square));
    return images.toArray(Image[]::new);
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
