package dev.cadenza.audio;

import dev.cadenza.audio.dsp.Resampler;
import java.util.LinkedHashMap;
import java.util.Map;

/** Keeps the few resamplers that a program uses: making one takes longer than a clip. */
final class Resamplers {

  private static final int KEPT = 4;

  private record Rates(int from, int to) {}

  private static final Map<Rates, Resampler> recent = new LinkedHashMap<>(KEPT, 0.75f, true);

  private Resamplers() {}

  static Resampler between(int from, int to) {
    synchronized (recent) {
      Resampler resampler =
          recent.computeIfAbsent(new Rates(from, to), r -> Resampler.of(r.from, r.to));
      if (recent.size() > KEPT) {
        recent.remove(recent.keySet().iterator().next());
      }
      return resampler;
    }
  }
}
