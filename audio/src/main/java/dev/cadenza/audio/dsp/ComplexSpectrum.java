package dev.cadenza.audio.dsp;

/**
 * A short-time Fourier transform, {@code [F, T]}, row by row; the arrays are not copied.
 *
 * @param re real parts; bin f of frame t is at {@code f * frames + t}
 * @param im imaginary parts
 * @param bins F
 * @param frames T
 */
public record ComplexSpectrum(float[] re, float[] im, int bins, int frames) {
  public ComplexSpectrum {
    if (re.length != (long) bins * frames || im.length != re.length) {
      throw new IllegalArgumentException(
          "spectrum: "
              + re.length
              + " real and "
              + im.length
              + " imaginary parts do not fill ["
              + bins
              + ", "
              + frames
              + "]");
    }
  }
}
