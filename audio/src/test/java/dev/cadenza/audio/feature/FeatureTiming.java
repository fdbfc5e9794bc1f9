package dev.cadenza.audio.feature;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Minimum and median time of the network's two front ends on 3 s of noise at 48 kHz; for tuning by
 * hand.
 */
final class FeatureTiming {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureTiming.class);

  private FeatureTiming() {}

  public static void main(String[] args) {
    float[] signal = Signals.noise(144_000, 7);
    Mfcc mfcc = Presets.MFCC;
    Mfcc whole = mfcc.winLength(1024);
    LogMel logMel = Presets.LOG_MEL;
    for (int round = 0; round < 3; round++) {
      report("mfcc 40x282", () -> mfcc.apply(signal));
      report("mfcc, whole window", () -> whole.apply(signal));
      report("log-mel 128x563", () -> logMel.apply(signal));
    }
  }

  private static void report(String name, Supplier<Features> work) {
    int runs = 2000;
    double[] ms = new double[runs];
    float keep = 0;
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      keep += work.get().get(0, 0);
      ms[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(ms);
    LOG.info(
        String.format(
            Locale.ROOT,
            "%-18s min %.3f ms, median %.3f ms (%s)",
            name,
            ms[0],
            ms[runs / 2],
            keep));
  }
}
