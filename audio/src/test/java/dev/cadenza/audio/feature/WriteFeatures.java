package dev.cadenza.audio.feature;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;

/**
 * Writes features of 16-bit WAV files for {@code tools/golden/audio_dsp_compare.py}: {@code OUT
 * FILE...} makes {@code OUT/<preset>/<file>.npy}.
 */
final class WriteFeatures {
  private static final Map<String, FeatureTransform> PRESETS =
      Map.of(
          "mfcc",
          Presets.MFCC,
          "logmel",
          Presets.LOG_MEL,
          "full",
          LogMel.librosa().sampleRate(48_000).topDb(null));

  private WriteFeatures() {}

  public static void main(String[] args) throws IOException, UnsupportedAudioFileException {
    for (String name : Arrays.asList(args).subList(1, args.length)) {
      float[] all = read(name);
      float[] clip = Arrays.copyOfRange(all, 24_000, 24_000 + 144_000);
      for (Map.Entry<String, FeatureTransform> preset : PRESETS.entrySet()) {
        Path folder = Files.createDirectories(Path.of(args[0], preset.getKey()));
        Path file = folder.resolve(new File(name).getName().replace(".wav", ".npy"));
        Npy.of(preset.getValue().apply(preset.getKey().equals("full") ? all : clip)).write(file);
      }
    }
  }

  static float[] read(String name) throws IOException, UnsupportedAudioFileException {
    try (AudioInputStream in = AudioSystem.getAudioInputStream(new File(name))) {
      int channels = in.getFormat().getChannels();
      byte[] bytes = in.readAllBytes();
      float[] x = new float[bytes.length / 2 / channels];
      for (int i = 0; i < x.length; i++) {
        float sum = 0;
        for (int c = 0; c < channels; c++) {
          int at = 2 * (i * channels + c);
          sum += (short) ((bytes[at] & 0xff) | bytes[at + 1] << 8) / 32768f;
        }
        x[i] = sum / channels;
      }
      return x;
    }
  }
}
