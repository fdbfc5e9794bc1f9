package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Window;

/** The front ends of the two emotion networks. */
final class Presets {
  static final Mfcc MFCC =
      Mfcc.librosa()
          .sampleRate(48_000)
          .nMfcc(40)
          .nFft(1024)
          .winLength(512)
          .hopLength(512)
          .window(Window.HAMMING)
          .nMels(128)
          .fMax(24_000);

  static final LogMel LOG_MEL =
      LogMel.librosa()
          .sampleRate(48_000)
          .nFft(1024)
          .winLength(512)
          .hopLength(256)
          .window(Window.HAMMING)
          .nMels(128)
          .fMax(24_000)
          .refMax();

  private Presets() {}
}
