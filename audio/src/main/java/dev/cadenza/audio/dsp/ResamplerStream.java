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

  /** Floats in 1 MB. */
  private static final int SMALL = 1 << 18;

  private final Resampler resampler;
  private final List<PolyphaseStage> stages = new ArrayList<>();
  private final SampleQueue output = new SampleQueue();
  private long received;
  private boolean flushed;

  ResamplerStream(Resampler resampler) {
    this.resampler = resampler;
    resampler.stages().forEach(filter -> stages.add(new PolyphaseStage(filter)));
    restart();
  }

  /** Stages between start before time zero, where the filter before them begins to ring. */
  private void restart() {
    long first = 0;
    for (int i = 0; i < stages.size(); i++) {
      PolyphaseStage stage = stages.get(i);
      boolean last = i == stages.size() - 1;
      long firstOutput = last ? 0 : stage.filter().firstOutput(first);
      stage.restart(first, firstOutput);
      first = firstOutput;
    }
  }

  /** Whether it is worth its memory to keep: where rates have no divisor, its arrays are long. */
  boolean isSmall() {
    return stages.stream().mapToLong(PolyphaseStage::size).sum() <= SMALL;
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

  /**
   * The whole signal at once, without copies: one tile of the last stage after the other, each with
   * what the stages before it lack for it, so that all that lies between stays in the cache.
   */
  float[] resampleAll(float[] signal) {
    if (stages.isEmpty()) {
      return signal.clone();
    }
    restart();
    queue(0).lend(signal);
    long[] ends = new long[stages.size()];
    long end = signal.length;
    for (int i = 0; i < ends.length - 1; i++) {
      end = stages.get(i).filter().endOutput(end);
      ends[i] = end;
    }
    int last = ends.length - 1;
    ends[last] = resampler.outputLength(signal.length);
    output.reserve((int) ends[last]);
    for (long to = 0; to < ends[last]; ) {
      to = stages.get(last).endTile();
      runTo(last, to, ends);
    }
    queue(0).drain(); // lets go of the signal
    return output.drain();
  }

  /**
   * Runs stage {@code i} to {@code end}, if it goes so far, and those before it as far as needed.
   */
  private void runTo(int i, long end, long[] ends) {
    long to = Math.min(end, ends[i]);
    PolyphaseStage stage = stages.get(i);
    if (i > 0) {
      runTo(i - 1, stage.filter().endInput(to), ends);
    }
    stage.runTo(to, queue(i + 1));
  }

  /** Ends the signal, which is taken to be silent from here on, and returns the samples left. */
  public float[] flush() {
    flushed = true;
    for (int i = 0; i < stages.size(); i++) {
      boolean last = i == stages.size() - 1;
      PolyphaseStage stage = stages.get(i);
      stage.runTo(
          last ? resampler.outputLength(received) : stage.filter().endOutput(stage.input().end()),
          queue(i + 1));
    }
    return output.drain();
  }

  /** What goes into stage {@code i}; behind the last one, the output. */
  private SampleQueue queue(int i) {
    return i < stages.size() ? stages.get(i).input() : output;
  }
}
