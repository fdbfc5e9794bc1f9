package dev.cadenza.audio.dsp;

/** One change of rate in progress: inputs come into its queue, outputs go to the next. */
final class PolyphaseStage {

  private static final int GROUP = PolyphaseFilter.GROUP;

  private final PolyphaseFilter filter;
  private final SampleQueue input = new SampleQueue();
  private final float[] split;
  private final float[] products;
  private long next;

  PolyphaseStage(PolyphaseFilter filter) {
    this.filter = filter;
    this.split = new float[filter.step() * filter.stride()];
    this.products = new float[filter.together() * filter.tile()];
  }

  /**
   * Forgets all inputs.
   *
   * @param firstInput position of the first one to come; those before it are zero
   * @param firstOutput position of the first output
   */
  void restart(long firstInput, long firstOutput) {
    input.restart(firstInput);
    next = firstOutput;
  }

  SampleQueue input() {
    return input;
  }

  /** The length of its arrays. */
  int size() {
    return split.length + products.length;
  }

  /** Computes all outputs whose inputs are there. */
  void run(SampleQueue output) {
    long known = input.end() - filter.reach() - filter.slack();
    runTo(-Math.floorDiv(-known * filter.phases(), (long) filter.step()), output);
  }

  /**
   * Computes the outputs before position {@code end}, taking inputs that are not there for zero.
   */
  void runTo(long end, SampleQueue output) {
    output.reserve((int) Math.max(0, end - next));
    while (next < end) {
      long tileEnd = Math.min(end, endTile());
      runTile(column(next), tileEnd, output);
      next = tileEnd;
    }
    input.dropBefore(position(column(next), filter.firstRow(group(next) * filter.together())));
  }

  PolyphaseFilter filter() {
    return filter;
  }

  /** Position behind the last output of the tile that begins with the next one. */
  long endTile() {
    return (column(next) + filter.tile()) * filter.phases();
  }

  private long column(long output) {
    return Math.floorDiv(output, (long) filter.phases());
  }

  private int group(long output) {
    return (int) Math.floorMod(output, (long) filter.phases()) / filter.together();
  }

  /** Position of the input in row {@code row} of column {@code column}. */
  private long position(long column, int row) {
    return column * filter.step() + row - filter.reach() + 1;
  }

  /** Computes the outputs from {@link #next} to {@code end}, which lie within one tile. */
  private void runTile(long column, long end, SampleQueue output) {
    int columns = (int) (column(end - 1) - column + 1);
    int firstGroup = columns == 1 ? group(next) : 0;
    int endGroup = columns == 1 ? group(end - 1) + 1 : filter.groups();
    int count = (int) (end - next);
    int at = output.extend(count);
    int before = (int) (next - column * filter.phases());

    split(column, columns, firstGroup, endGroup);
    if (filter.together() == 1) {
      Kernels.RESAMPLING.sum(
          split, filter.group(0).rows(), filter.group(0).taps(), products, columns);
      System.arraycopy(products, 0, output.values(), at, count);
      return;
    }
    for (int g = firstGroup; g < endGroup; g++) {
      PolyphaseFilter.Group group = filter.group(g);
      Kernels.RESAMPLING.product(
          split, group.rows(), group.taps(), products, filter.tile(), columns);
      int phases = Math.min(GROUP, filter.phases() - g * GROUP);
      merge(g * GROUP - before, phases, columns, output.values(), at, count);
    }
  }

  /**
   * Brings a group's products [phase, column] into their order in time.
   *
   * @param first index among the outputs of the first product, below 0 for one not wanted
   * @param at where output 0 of {@code count} goes in {@code y}
   */
  private void merge(int first, int phases, int columns, float[] y, int at, int count) {
    int step = filter.phases();
    int from = 0;
    int end = 0;
    if (phases == GROUP) {
      from = first >= 0 ? 0 : 1;
      end = Math.max(from, Math.min(columns, Math.floorDiv(count - GROUP - first, step) + 1));
      merge4(products, filter.tile(), from, end, y, at + first, step);
    }
    mergeEach(first, phases, 0, from, y, at, count);
    mergeEach(first, phases, end, columns, y, at, count);
  }

  private void mergeEach(int first, int phases, int from, int end, float[] y, int at, int count) {
    for (int i = from; i < end; i++) {
      int k = first + i * filter.phases();
      for (int q = Math.max(0, -k); q < Math.min(phases, count - k); q++) {
        y[at + k + q] = products[q * filter.tile() + i];
      }
    }
  }

  /** Loops without conditions, kept apart for the compiler: they are as hot as the products. */
  private static void merge4(
      float[] products, int tile, int from, int end, float[] y, int at, int step) {
    for (int i = from; i < end; i++) {
      int k = at + i * step;
      y[k] = products[i];
      y[k + 1] = products[tile + i];
      y[k + 2] = products[2 * tile + i];
      y[k + 3] = products[3 * tile + i];
    }
  }

  /**
   * Sorts the inputs that some groups read by their position modulo M, zeros where there is none.
   */
  private void split(long column, int columns, int firstGroup, int endGroup) {
    int step = filter.step();
    int firstRow = filter.firstRow(firstGroup * filter.together());
    int endRow = Math.min(filter.endRow(endGroup - 1), firstRow + step);
    int count = columns + filter.spread();
    // Elements [from, end) are there in all streams.
    long first = position(column, 0) - input.start();
    long length = input.end() - input.start();
    int from = clamp(-Math.floorDiv(first, (long) step), count);
    int end = Math.max(from, clamp(Math.floorDiv(length - first, (long) step), count));
    for (int row = firstRow; row < endRow; row++) {
      int stream = row % step;
      int to = stream * filter.stride();
      int p = (int) (input.head() + first + (long) from * step) + stream;
      if (step == 2) {
        everySecond(input.values(), p, split, to + from, to + end);
      } else {
        every(step, input.values(), p, split, to + from, to + end);
      }
      splitEach(first + stream, 0, from, to);
      splitEach(first + stream, end, count, to);
    }
  }

  private void splitEach(long first, int from, int end, int to) {
    for (int j = from; j < end; j++) {
      long p = first + (long) j * filter.step();
      boolean there = p >= 0 && p < input.end() - input.start();
      split[to + j] = there ? input.values()[input.head() + (int) p] : 0;
    }
  }

  /** A step that the compiler knows costs half. */
  private static void everySecond(float[] x, int from, float[] z, int to, int end) {
    int p = from;
    for (int j = to; j < end; j++, p += 2) {
      z[j] = x[p];
    }
  }

  private static void every(int step, float[] x, int from, float[] z, int to, int end) {
    int p = from;
    for (int j = to; j < end; j++, p += step) {
      z[j] = x[p];
    }
  }

  private static int clamp(long value, int max) {
    return (int) Math.max(0, Math.min(max, value));
  }
}
