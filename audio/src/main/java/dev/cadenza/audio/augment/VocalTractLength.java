package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.ComplexSpectrum;
import dev.cadenza.audio.dsp.InverseStft;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;
import java.util.random.RandomGenerator;

/**
 * Moves the formants as a longer or shorter vocal tract would: the frequency axis of the magnitude
 * spectrum (transforms of 1024 samples, hop 256, a Hann window) is warped piecewise linearly
 * (Jaitly and Hinton 2013), phases stay.
 *
 * <pre>
 *   warp(f) = f a                                           up to 4800 Hz min(a, 1) / a
 *           = the line from there to (rate / 2, rate / 2)   above
 * </pre>
 *
 * <p>Where 4800 Hz is above 0.9 of half the sample rate, that stands in its place.
 *
 * @param factor a, above 1 moves formants up; from 0.5 to 2, usually 0.9 to 1.1
 */
public record VocalTractLength(Range factor) implements Augmentation {
  private static final double BOUNDARY = 4800;
  private static final Stft.Settings SETTINGS = Stft.Settings.librosa(1024, 1024, 256, Window.HANN);

  public VocalTractLength {
    factor.within("vocal tract length", "factor", 0.5, 2);
  }

  @Override
  public float[] apply(float[] signal, int sampleRate, RandomGenerator rng) {
    Check.signal("vocal tract length", signal);
    double a = factor.draw(rng);
    ComplexSpectrum s = new Stft(SETTINGS).forward(signal);
    int frames = s.frames();
    float[] re = new float[s.re().length];
    float[] im = new float[re.length];
    double highest = s.bins() - 1;
    for (int k = 0; k < s.bins(); k++) {
      double from = unwarp(k / highest, a, sampleRate / 2.0) * highest;
      int low = Math.min((int) from, s.bins() - 2);
      double part = from - low;
      for (int t = 0; t < frames; t++) {
        int at = k * frames + t;
        double here = Math.hypot(s.re()[at], s.im()[at]);
        double wanted =
            (1 - part) * magnitude(s, low * frames + t)
                + part * magnitude(s, (low + 1) * frames + t);
        // A bin that holds nothing has no phase to keep.
        re[at] = (float) (here > 0 ? s.re()[at] * (wanted / here) : wanted);
        im[at] = (float) (here > 0 ? s.im()[at] * (wanted / here) : 0);
      }
    }
    ComplexSpectrum warped = new ComplexSpectrum(re, im, s.bins(), frames);
    return new InverseStft(SETTINGS).apply(warped, signal.length);
  }

  /** Where a frequency comes from; both as parts of {@code nyquist}, which is in Hz. */
  static double unwarp(double frequency, double a, double nyquist) {
    double boundary = Math.min(BOUNDARY, 0.9 * nyquist) / nyquist * Math.min(a, 1);
    return frequency <= boundary
        ? frequency / a
        : 1 - (1 - frequency) * (1 - boundary / a) / (1 - boundary);
  }

  private static double magnitude(ComplexSpectrum s, int at) {
    return Math.hypot(s.re()[at], s.im()[at]);
  }
}
