package dev.cadenza.audio.dsp;

/** One change of rate in progress: inputs come into its queue, outputs go to the next. */
final class PolyphaseStage {

  private static final int GROUP = PolyphaseFilter.GROUP;

  private final PolyphaseFilter filter;
  private final SampleQueue input;
  private final float[] split;
  private final float[] products;
  private long next;

  /**
   * @param firstInput position of the first input; those before it are zero
   * @param firstOutput position of the first output
   */
  PolyphaseStage(PolyphaseFilter filter, long firstInput, long firstOutput) {
    this.filter = filter;
    this.input = new SampleQueue(firstInput);
    this.next = firstOutput;
    this.split = new float[filter.step() * filter.stride()];
    this.products = new float[GROUP * filter.tile()];
  }

  SampleQueue input() {
    return input;
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
      long column = column(next);
      long tileEnd = Math.min(end, (column + filter.tile()) * filter.phases());
      runTile(column, tileEnd, output);
      next = tileEnd;
    }
    int group = phase(next) / GROUP;
    input.dropBefore(position(column(next), filter.firstRow(group * GROUP)));
  }

  /** Position behind the last output that the inputs so far reach. */
  long endOutput() {
    return filter.endOutput(input.end());
  }

  private long column(long output) {
    return Math.floorDiv(output, (long) filter.phases());
  }

  private int phase(long output) {
    return (int) Math.floorMod(output, (long) filter.phases());
  }

  /** Position of the input in row {@code row} of column {@code column}. */
  private long position(long column, int row) {
    return column * filter.step() + row - filter.reach() + 1;
  }

  /** Computes the outputs from {@link #next} to {@code end}, which lie within one tile. */
  private void runTile(long column, long end, SampleQueue output) {
    int columns = (int) (column(end - 1) - column + 1);
    int firstGroup = columns == 1 ? phase(next) / GROUP : 0;
    int endGroup = columns == 1 ? phase(end - 1) / GROUP + 1 : filter.groups();
    int count = (int) (end - next);
    int at = output.extend(count);
    int before = (int) (next - column * filter.phases());

    split(column, columns, firstGroup, endGroup);
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
    int firstRow = filter.firstRow(firstGroup * GROUP);
    int endRow = Math.min(filter.endRow(endGroup - 1), firstRow + step);
    int count = columns + filter.spread();
    for (int row = firstRow; row < endRow; ) {
      int stream = row % step;
      int streams = Math.min(GROUP, Math.min(endRow - row, step - stream));
      splitStreams(position(column, stream) - input.start(), stream, streams, count);
      row += streams;
    }
  }

  /** Fills up to four streams with every M-th input, of which the first has index {@code first}. */
  private void splitStreams(long first, int stream, int streams, int count) {
    long length = input.end() - input.start();
    int step = filter.step();
    int to = stream * filter.stride();
    int from = 0;
    int end = 0;
    if (streams == GROUP) {
      from = clamp(-Math.floorDiv(first, (long) step), count);
      end = Math.max(from, clamp(Math.floorDiv(length - GROUP - first, (long) step) + 1, count));
      int p = (int) (input.head() + first + (long) from * step);
      split4(input.values(), p, step, split, to + from, to + end, filter.stride());
    }
    splitEach(first, streams, 0, from, to);
    splitEach(first, streams, end, count, to);
  }

  private void splitEach(long first, int streams, int from, int end, int to) {
    for (int j = from; j < end; j++) {
      for (int s = 0; s < streams; s++) {
        long p = first + (long) j * filter.step() + s;
        boolean there = p >= 0 && p < input.end() - input.start();
        split[to + s * filter.stride() + j] = there ? input.values()[input.head() + (int) p] : 0;
      }
    }
  }

  private static void split4(
      float[] x, int from, int step, float[] z, int to, int end, int stride) {
    int p = from;
    for (int j = to; j < end; j++, p += step) {
      z[j] = x[p];
      z[j + stride] = x[p + 1];
      z[j + 2 * stride] = x[p + 2];
      z[j + 3 * stride] = x[p + 3];
    }
  }

  private static int clamp(long value, int max) {
    return (int) Math.max(0, Math.min(max, value));
  }
}
