package dev.cadenza.examples.ser;

import dev.cadenza.audio.Audio;
import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.AudioInfo;
import dev.cadenza.audio.Decoded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A file somebody wants to have judged: as much of its sound as the model listens to, and what is
 * suspicious about it.
 *
 * @param audio from the beginning of the file to the end of the model's window
 * @param seconds length of the whole file; NaN if only decoding it all could tell
 * @param warnings why the model's judgement may be worthless, one line each
 */
record Recording(Audio audio, double seconds, List<String> warnings) {

  /** The quietest of the RAVDESS clips peaks at -44 dBFS. */
  private static final double SILENT_DBFS = -60;

  /** So many equal samples in a row at full scale are no peak of a wave but its missing top. */
  private static final int FLAT = 3;

  private static final float FULL_SCALE = 0.99f;

  Recording {
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads a file.
   *
   * @throws IOException if there is no sound in it
   */
  static Recording read(Path file, FrontEnd.Settings window) throws IOException {
    AudioInfo info = AudioFile.info(file);
    Decoded decoded = AudioFile.decode(file, 0, window.skipSeconds() + window.takeSeconds());
    Audio audio = decoded.audio();
    if (audio.frames() == 0) {
      throw new IOException(file + ": there are no samples in it");
    }
    List<String> warnings = new ArrayList<>(decoded.warnings());
    double skip = window.skipSeconds();
    double heard = audio.seconds() - skip;
    if (heard <= 0) {
      warnings.add(
          text(
              "too short: %.2f s long, and the model skips the first %s s; it heard nothing",
              audio.seconds(), skip));
    } else {
      if (heard < window.takeSeconds() / 2) {
        warnings.add(
            text(
                "too short: of the %s s that the model listens to %.2f s are there",
                window.takeSeconds(), heard));
      }
      double peak = 20 * Math.log10(peak(audio.slice(skip, window.takeSeconds())));
      if (peak < SILENT_DBFS) {
        String level = Double.isInfinite(peak) ? "all zeros" : text("peak %.0f dBFS", peak);
        warnings.add(
            text(
                "silence: %s from %s to %.2f s, where the model listens",
                level, skip, audio.seconds()));
      }
    }
    int clipped = clipped(audio);
    if (clipped > 0) {
      warnings.add(text("clipping: %d samples lie flat at full scale", clipped));
    }
    return new Recording(audio, info.seconds(), warnings);
  }

  private static double peak(Audio audio) {
    float peak = 0;
    for (float[] channel : audio.channels()) {
      for (float sample : channel) {
        peak = Math.max(peak, Math.abs(sample));
      }
    }
    return peak;
  }

  private static int clipped(Audio audio) {
    int clipped = 0;
    for (float[] channel : audio.channels()) {
      int run = 0;
      for (int i = 0; i <= channel.length; i++) {
        boolean goesOn = i > 0 && i < channel.length && channel[i] == channel[i - 1];
        if (!goesOn) {
          clipped += run >= FLAT ? run : 0;
          run = 0;
        }
        if (i < channel.length && Math.abs(channel[i]) >= FULL_SCALE) {
          run++;
        }
      }
    }
    return clipped;
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
