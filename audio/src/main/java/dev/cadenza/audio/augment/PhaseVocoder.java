package dev.cadenza.audio.augment;

import dev.cadenza.audio.dsp.Check;
import dev.cadenza.audio.dsp.ComplexSpectrum;
import dev.cadenza.audio.dsp.InverseStft;
import dev.cadenza.audio.dsp.Stft;
import dev.cadenza.audio.dsp.Window;

/**
 * Changes tempo and keeps pitch: magnitudes are interpolated between frames, and phases go on at
 * the speed they had (Flanagan and Golden 1966), as {@code librosa.effects.time_stretch} does with
 * its defaults: transforms of 2048 samples, hop 512, a Hann window.
 */
final class PhaseVocoder {
  private static final int N_FFT = 2048;
  private static final int HOP = 512;
  private static final Stft.Settings SETTINGS =
      Stft.Settings.librosa(N_FFT, N_FFT, HOP, Window.HANN);

  private PhaseVocoder() {}

  /** n samples become {@code round(n / rate)}. */
  static float[] stretch(float[] signal, double rate) {
    Check.signal("time stretch", signal);
    Check.positive("time stretch", "rate", rate);
    ComplexSpectrum stretched = stretch(new Stft(SETTINGS).forward(signal), rate);
    return new InverseStft(SETTINGS)
        .apply(stretched, (int) Math.max(1, Math.rint(signal.length / rate)));
  }

  private static ComplexSpectrum stretch(ComplexSpectrum s, double rate) {
    int frames = (int) Math.ceil(s.frames() / rate);
    float[] re = new float[s.bins() * frames];
    float[] im = new float[re.length];
    for (int k = 0; k < s.bins(); k++) {
      double advance = 2 * Math.PI * HOP * k / N_FFT;
      double phase = angle(s, k, 0);
      for (int t = 0; t < frames; t++) {
        double step = t * rate;
        int frame = (int) step;
        double part = step - frame;
        double magnitude = (1 - part) * magnitude(s, k, frame) + part * magnitude(s, k, frame + 1);
        re[k * frames + t] = (float) (magnitude * Math.cos(phase));
        im[k * frames + t] = (float) (magnitude * Math.sin(phase));
        double change = angle(s, k, frame + 1) - angle(s, k, frame) - advance;
        phase += advance + change - 2 * Math.PI * Math.rint(change / (2 * Math.PI));
      }
    }
    return new ComplexSpectrum(re, im, s.bins(), frames);
  }

  /** Frames past the end are 0. */
  private static double magnitude(ComplexSpectrum s, int k, int frame) {
    int at = k * s.frames() + frame;
    return frame < s.frames() ? Math.hypot(s.re()[at], s.im()[at]) : 0;
  }

  private static double angle(ComplexSpectrum s, int k, int frame) {
    int at = k * s.frames() + frame;
    return frame < s.frames() ? Math.atan2(s.im()[at], s.re()[at]) : 0;
  }
}
