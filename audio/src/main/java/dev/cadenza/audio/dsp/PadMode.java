package dev.cadenza.audio.dsp;

/** What stands before the first and after the last sample, by the names of {@code numpy.pad}. */
public enum PadMode {
  /** Zeros: librosa since 0.9. */
  CONSTANT,
  /** Mirrored without repeating the end, {@code c b | a b c | b a}: torch, librosa before 0.9. */
  REFLECT,
  /** Mirrored with the end repeated, {@code b a | a b c | c b}: Kaldi without snipped edges. */
  SYMMETRIC,
  /** The end repeated, {@code a a | a b c | c c}. */
  EDGE,
  /** Periodic, {@code b c | a b c | a b}. */
  WRAP;

  /** The index within {@code [0, n)} that stands at position {@code i}, or -1 for a zero. */
  int index(int i, int n) {
    if (i >= 0 && i < n) {
      return i;
    }
    return switch (this) {
      case CONSTANT -> -1;
      case EDGE -> i < 0 ? 0 : n - 1;
      case WRAP -> Math.floorMod(i, n);
      case SYMMETRIC -> {
        int k = Math.floorMod(i, 2 * n);
        yield k < n ? k : 2 * n - 1 - k;
      }
      case REFLECT -> {
        if (n == 1) {
          yield 0; // numpy repeats a single sample
        }
        int k = Math.floorMod(i, 2 * n - 2);
        yield k < n ? k : 2 * n - 2 - k;
      }
    };
  }

  /** The signal with {@code left} samples put before it and {@code right} after it. */
  public float[] pad(float[] signal, int left, int right) {
    int n = signal.length;
    float[] padded = new float[Math.addExact(Math.addExact(left, n), right)];
    System.arraycopy(signal, 0, padded, left, n);
    if (this != CONSTANT) {
      for (int i = 0; i < left; i++) {
        padded[i] = signal[index(i - left, n)];
      }
      for (int i = 0; i < right; i++) {
        padded[left + n + i] = signal[index(n + i, n)];
      }
    }
    return padded;
  }
}
