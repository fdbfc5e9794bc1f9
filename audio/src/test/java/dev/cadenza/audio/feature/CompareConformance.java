package dev.cadenza.audio.feature;

import dev.cadenza.audio.AudioFile;
import dev.cadenza.audio.dsp.Conditioning;
import dev.cadenza.audio.dsp.Framing.Alignment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares the presets with Kaldi's and HTK's own output: {@code DIR} holds folders {@code kaldi}
 * and {@code htk}. Prints the largest difference of each file. Kaldi computes in float32, so that
 * its own distance from the exact value shows: see {@code tools/golden/audio_kaldi_exact.py}.
 */
final class CompareConformance {
  private static final Logger LOG = LoggerFactory.getLogger(CompareConformance.class);

  private CompareConformance() {}

  public static void main(String[] args) throws IOException {
    Path kaldi = Path.of(args[0], "kaldi");
    float[] x = AudioFile.read(kaldi.resolve("test.wav")).samples();
    LogMel fbank = LogMel.kaldi();
    kaldi(kaldi, "test.txt", fbank.apply(x));
    kaldi(kaldi, "test-40.txt", fbank.nMels(40).apply(x));
    kaldi(
        kaldi,
        "test-40-no-snip-edges.txt",
        fbank.nMels(40).alignment(Alignment.HOP_CENTERED).apply(x));
    kaldi(kaldi, "test-with-energy.txt", fbank.energy(LogMel.Energy.FIRST).apply(x));
    kaldi(kaldi, "test-htk.txt", fbank.energy(LogMel.Energy.LAST).apply(x));
    kaldi(kaldi, "test-mfcc.txt", Mfcc.kaldi().apply(x));
    kaldi(
        kaldi,
        "test-mfcc-no-snip-edges.txt",
        Mfcc.kaldi().alignment(Alignment.HOP_CENTERED).apply(x));
    kaldi(kaldi, "test-spectrogram.txt", Spectrogram.kaldi().apply(x));
    kaldi(
        kaldi,
        "test-spectrogram-no-snip-edges.txt",
        Spectrogram.kaldi().alignment(Alignment.HOP_CENTERED).apply(x));

    Path htk = Path.of(args[0], "htk");
    float[] y = AudioFile.read(htk.resolve("test.wav")).samples();
    Mfcc mfcc = Mfcc.htk().power(2).nMels(23);
    Conditioning plain = new Conditioning(Conditioning.SHORT_SCALE, false, 0);
    htk(htk, "test.wav.fea_htk.1", withDeltas(mfcc.conditioning(plain).apply(y)));
    htk(
        htk,
        "test.wav.fea_htk.2",
        withDeltas(mfcc.zeroth(Mfcc.Zeroth.ENERGY_LAST).conditioning(plain).apply(y)));
    htk(
        htk,
        "test.wav.fea_htk.3",
        withDeltas(mfcc.zeroth(Mfcc.Zeroth.ENERGY_LAST).fMin(20).conditioning(plain).apply(y)));
    htk(htk, "test.wav.fea_htk.4", withDeltas(mfcc.zeroth(Mfcc.Zeroth.ENERGY_LAST).apply(y)));
    htk(htk, "test.wav.fea_htk.6", withDeltas(mfcc.nMels(24).fMin(125).fMax(7800).apply(y)));
    LogMel bank = LogMel.htk().power(2).nMels(23).conditioning(plain);
    htk(htk, "test.wav.fbank_htk.1", bank.apply(y));
    htk(htk, "test.wav.fbank_htk.2", bank.fMin(25).apply(y));
  }

  private static Features withDeltas(Features features) {
    Features deltas = Deltas.regression(features, 2);
    return features.concat(deltas, Deltas.regression(deltas, 2));
  }

  private static void kaldi(Path folder, String name, Features got) throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve(name));
    float[][] want =
        lines.stream()
            .map(l -> l.replaceAll("[^-0-9.e+ ]", " ").trim())
            .filter(l -> l.split("\\s+").length > 3)
            .map(l -> row(l.split("\\s+")))
            .toArray(float[][]::new);
    report(name, got, want);
  }

  private static float[] row(String[] numbers) {
    float[] row = new float[numbers.length];
    for (int i = 0; i < row.length; i++) {
      row[i] = Float.parseFloat(numbers[i]);
    }
    return row;
  }

  private static void htk(Path folder, String name, Features got) throws IOException {
    ByteBuffer data = ByteBuffer.wrap(Files.readAllBytes(folder.resolve(name)));
    float[][] want = new float[data.getInt()][data.getShort(8) / 4];
    data.position(12);
    for (float[] row : want) {
      for (int i = 0; i < row.length; i++) {
        row[i] = data.getFloat();
      }
    }
    report(name, got, want);
  }

  private static void report(String name, Features got, float[][] want) {
    if (got.frames() != want.length || got.bins() != want[0].length) {
      LOG.error("{}: {} but expected [{}, {}]", name, got, want[0].length, want.length);
      return;
    }
    double worst = 0;
    double worstTimesScale = 0;
    double loudest = Double.NEGATIVE_INFINITY;
    for (float[] row : want) {
      for (float v : row) {
        loudest = Math.max(loudest, v);
      }
    }
    for (int t = 0; t < want.length; t++) {
      for (int f = 0; f < want[t].length; f++) {
        double difference = Math.abs(got.get(f, t) - want[t][f]);
        worst = Math.max(worst, difference);
        worstTimesScale = Math.max(worstTimesScale, difference * Math.exp(want[t][f] - loudest));
      }
    }
    // As powers, where the tool's float arithmetic is even over the spectrum: for fbank and
    // spectrograms.
    LOG.info(
        String.format(
            Locale.ROOT,
            "%-36s %-18s largest difference %.2e, as powers %.1e of the loudest",
            name,
            got,
            worst,
            worstTimesScale));
  }
}
