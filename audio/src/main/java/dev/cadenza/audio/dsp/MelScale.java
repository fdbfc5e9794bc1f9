package dev.cadenza.audio.dsp;

/** Pitch as the ear hears it, as a function of frequency in Hz. */
public enum MelScale {
  /** Linear below 1 kHz, logarithmic above (Slaney's Auditory Toolbox); librosa's default. */
  SLANEY {
    @Override
    public double mel(double hz) {
      return hz < BREAK_HZ ? hz / HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP;
    }

    @Override
    public double hz(double mel) {
      return mel < BREAK_MEL ? mel * HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL));
    }

    @Override
    float hzInFloat(float mel) {
      float exponent = (float) LOG_STEP * (mel - (float) BREAK_MEL);
      return mel < BREAK_MEL ? (float) HZ_PER_MEL * mel : 1000f * (float) Math.exp(exponent);
    }
  },
  /**
   * {@code 2595 log10(1 + f / 700)}; HTK, torchaudio, and Kaldi with the factor rounded elsewhere
   * (1127 ln).
   */
  HTK {
    @Override
    public double mel(double hz) {
      return 2595 * Math.log10(1 + hz / 700);
    }

    @Override
    public double hz(double mel) {
      return 700 * (Math.pow(10, mel / 2595) - 1);
    }

    @Override
    float hzInFloat(float mel) {
      return 700f * ((float) Math.pow(10, mel / 2595f) - 1);
    }
  };

  private static final double HZ_PER_MEL = 200.0 / 3;
  private static final double BREAK_HZ = 1000;
  private static final double BREAK_MEL = 15;
  private static final double LOG_STEP = Math.log(6.4) / 27;

  /** Mels of a frequency in Hz. */
  public abstract double mel(double hz);

  /** The frequency in Hz of a pitch in mels. */
  public abstract double hz(double mel);

  /** The same in float32, rounded after each step: torchaudio. */
  abstract float hzInFloat(float mel);

  /** {@code n} frequencies in Hz, evenly spaced in mels from {@code fMin} to {@code fMax}. */
  public double[] frequencies(int n, double fMin, double fMax) {
    double low = mel(fMin);
    double step = (mel(fMax) - low) / (n - 1);
    double[] hz = new double[n];
    for (int i = 0; i < n; i++) {
      hz[i] = hz(i == n - 1 ? mel(fMax) : low + i * step);
    }
    return hz;
  }
}
