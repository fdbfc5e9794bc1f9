package dev.cadenza.examples.ser;

import dev.cadenza.audio.feature.LogMel;
import dev.cadenza.audio.feature.LogScale;
import dev.cadenza.audio.feature.MelConfig;
import dev.cadenza.audio.feature.Mfcc;
import java.util.Locale;

/** Features by the names of those who made them known, with their defaults. */
enum FeaturePreset {
  /** {@code librosa.feature.mfcc}. */
  LIBROSA_MFCC,
  /** {@code librosa.power_to_db(librosa.feature.melspectrogram)}. */
  LIBROSA_LOGMEL,
  /** {@code librosa.feature.melspectrogram}. */
  LIBROSA_MELSPECTROGRAM,
  /** {@code torchaudio.transforms.MFCC}. */
  TORCHAUDIO_MFCC,
  /** {@code torchaudio.transforms.AmplitudeToDB()(MelSpectrogram)}. */
  TORCHAUDIO_LOGMEL,
  /** {@code torchaudio.transforms.MelSpectrogram}. */
  TORCHAUDIO_MELSPECTROGRAM,
  /** {@code compute-mfcc-feats}, torchaudio's {@code kaldi.mfcc(use_energy=True)}; no dither. */
  KALDI_MFCC,
  /** {@code compute-fbank-feats}, {@code torchaudio.compliance.kaldi.fbank}; no dither. */
  KALDI_FBANK,
  /** HTK's {@code MFCC_0}. */
  HTK_MFCC,
  /** HTK's {@code FBANK}. */
  HTK_FBANK;

  /** The features of sound at a sample rate in Hz. */
  MelConfig<?> at(int rate) {
    return switch (this) {
      case LIBROSA_MFCC -> Mfcc.librosa().sampleRate(rate);
      case LIBROSA_LOGMEL -> LogMel.librosa().sampleRate(rate);
      case LIBROSA_MELSPECTROGRAM -> LogMel.librosa().sampleRate(rate).log(LogScale.Unit.POWER);
      case TORCHAUDIO_MFCC -> Mfcc.torchaudio().sampleRate(rate);
      case TORCHAUDIO_LOGMEL -> LogMel.torchaudio().sampleRate(rate);
      case TORCHAUDIO_MELSPECTROGRAM ->
          LogMel.torchaudio().sampleRate(rate).log(LogScale.Unit.POWER);
      case KALDI_MFCC -> Mfcc.kaldi(rate);
      case KALDI_FBANK -> LogMel.kaldi(rate);
      case HTK_MFCC -> Mfcc.htk(rate);
      case HTK_FBANK -> LogMel.htk(rate);
    };
  }

  /** The name on the command line, like {@code librosa-mfcc}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
