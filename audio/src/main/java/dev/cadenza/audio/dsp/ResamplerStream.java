package dev.cadenza.audio.dsp;

import java.util.ArrayList;
import java.util.List;

/**
 * A signal being resampled block by block: blocks go in by {@link #push}, what is finished comes
 * out, and {@link #flush} gives the rest. Put together, the result equals {@link
 * Resampler#resample} of the whole signal bit for bit, whatever the sizes of the blocks. Not
 * thread-safe.
 */
public final class ResamplerStream {

  private final Resampler resampler;
  private final List<PolyphaseStage> stages = new ArrayList<>();
  private final SampleQueue output = new SampleQueue(0);
  private long received;
  private boolean flushed;

  /** Stages between start before time zero, where the filter before them begins to ring. */
  ResamplerStream(Resampler resampler) {
    this.resampler = resampler;
    long first = 0;
    for (PolyphaseFilter filter : resampler.stages()) {
      boolean last = stages.size() == resampler.stages().size() - 1;
      long firstOutput = last ? 0 : filter.firstOutput(first);
      stages.add(new PolyphaseStage(filter, first, firstOutput));
      first = firstOutput;
    }
  }

  /** Takes the next block [T] and returns the samples that are finished by it, possibly none. */
  public float[] push(float[] block) {
    return push(block, 0, block.length);
  }

  /** {@link #push(float[])} of {@code count} samples from index {@code from} on. */
  public float[] push(float[] block, int from, int count) {
    if (flushed) {
      throw new IllegalStateException("resampler: the stream was flushed, open a new one");
    }
    received += count;
    queue(0).append(block, from, count);
    for (int i = 0; i < stages.size(); i++) {
      stages.get(i).run(queue(i + 1));
    }
    return output.drain();
  }

  /** The whole signal at once, without copies. */
  float[] resampleAll(float[] signal) {
    if (stages.isEmpty()) {
      return signal.clone();
    }
    received = signal.length;
    queue(0).lend(signal);
    return flush();
  }

  /** Ends the signal, which is taken to be silent from here on, and returns the samples left. */
  public float[] flush() {
    flushed = true;
    for (int i = 0; i < stages.size(); i++) {
      boolean last = i == stages.size() - 1;
      PolyphaseStage stage = stages.get(i);
      stage.runTo(last ? resampler.outputLength(received) : stage.endOutput(), queue(i + 1));
    }
    return output.drain();
  }

  /** What goes into stage {@code i}; behind the last one, the output. */
  private SampleQueue queue(int i) {
    return i < stages.size() ? stages.get(i).input() : output;
  }
}
