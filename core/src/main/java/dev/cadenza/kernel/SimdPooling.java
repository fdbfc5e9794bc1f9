package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Pooling with windows that stand side by side, whole rows of them at once. */
final class SimdPooling {
  private static final int ROWS = 11;
  private static final int COLUMNS = 12;
  private static final int PAIRS = 13;
  private static final int LINE = 14;
  private static final int LINE_PLACES = 15;

  private final Window pool;
  private final int rowStep;
  private final int pooledH;
  private final int pooledW;

  /** Planes whose rows of windows fill a vector. */
  private final int together;

  /**
   * @param rowStep the distance of a plane's rows
   * @param out the shape of the result, [.., pooled H, pooled W]
   */
  SimdPooling(Window pool, int rowStep, Shape out) {
    this.pool = pool;
    this.rowStep = rowStep;
    this.pooledH = out.dim(-2);
    this.pooledW = out.dim(-1);
    this.together = Math.max(1, LANES / Math.max(1, pooledW));
  }

  /** Floats that are read past the last plane: of windows that fill up the last vectors. */
  static int slack(Window pool) {
    return 2 * LANES + pool.kW();
  }

  /**
   * The largest (or smallest) value of each window of some planes, and its place. NaN wins; then
   * the place is that of any value of the window.
   *
   * @param plane where the first plane starts
   * @param step the distance of planes
   * @param at where the results of the first plane start; those of the others follow
   */
  void pool(
      float[] planes,
      int plane,
      int step,
      int count,
      boolean min,
      float[] to,
      int at,
      float @Nullable [] places,
      Scratch scratch) {
    boolean halves = pool.kW() == 1 || pool.kW() == 2 || pool.kW() == 4;
    boolean searching = halves && places != null;
    int most = searching ? Math.min(count, together) : 1;
    int room = SimdProduct.padded(most * pooledW) * pool.kW() + slack(pool);
    float[] best = scratch.floats(LINE, room);
    float[] bestPlaces = scratch.floats(LINE_PLACES, room);
    for (int first = 0; first < count; first += most) {
      int n = Math.min(most, count - first);
      for (int row = 0; row < pooledH; row++) {
        int from = plane + first * step + row * pool.kH() * rowStep;
        if (searching) {
          search(planes, from, step, n, min, best, bestPlaces, scratch);
        } else if (halves) {
          reduce(planes, from, min, best);
        } else {
          slide(planes, from, min, best, places == null ? null : bestPlaces);
        }
        int next = at + (first * pooledH + row) * pooledW;
        for (int i = 0; i < n * pooledW; i += pooledW, next += pooledH * pooledW) {
          System.arraycopy(best, i, to, next, pooledW);
          if (places != null) {
            System.arraycopy(bestPlaces, i, places, next, pooledW);
          }
        }
      }
    }
  }

  /** A row of windows of one, two or four columns without their places. */
  private void reduce(float[] planes, int from, boolean min, float[] best) {
    SimdRows.extreme(planes, from, rowStep, pool.kH(), pooledW * pool.kW(), min, best);
    for (int left = pool.kW() / 2; left > 0; left /= 2) {
      SimdRows.pairwiseExtreme(best, pooledW * left, min);
    }
  }

  /** A row of windows of one, two or four columns, of some planes. */
  private void search(
      float[] planes,
      int from,
      int step,
      int count,
      boolean min,
      float[] best,
      float[] places,
      Scratch scratch) {
    float sign = min ? -1 : 1;
    int windows = count * pooledW;
    Arrays.fill(best, 0, windows, Float.NEGATIVE_INFINITY);
    Arrays.fill(places, 0, windows, 0);
    int line = SimdProduct.padded(windows);
    int width = pooledW * pool.kW();
    float[] rows = count == 1 ? planes : scratch.floats(ROWS, count * width + slack(pool) + line);
    float[] columns = scratch.floats(COLUMNS, 4 * line);
    float[] pairs = scratch.floats(PAIRS, 4 * line + 2 * LANES);
    for (int r = 0, place = 0; r < pool.kH(); r++, place += rowStep) {
      int at = from + place;
      if (count > 1) {
        for (int i = 0; i < count; i++) {
          SimdRows.copy(planes, at + i * step, width, rows, i * width);
        }
        at = 0;
      }
      switch (pool.kW()) {
        case 1 -> System.arraycopy(rows, at, columns, 0, windows);
        case 2 -> SimdRows.deal(rows, at, windows, columns, 0, line);
        default -> {
          SimdRows.deal(rows, at, 2 * windows, pairs, 0, 2 * line);
          SimdRows.deal(pairs, 0, windows, columns, 0, 2 * line);
          SimdRows.deal(pairs, 2 * line, windows, columns, line, 3 * line);
        }
      }
      for (int column = 0; column < pool.kW(); column++) {
        SimdRows.challenge(columns, column * line, windows, place + column, sign, best, places);
      }
    }
    for (int i = 0; min && i < windows; i++) {
      best[i] = -best[i];
    }
  }

  /** A row of any windows. */
  private void slide(
      float[] planes, int from, boolean min, float[] best, float @Nullable [] places) {
    int width = pooledW * pool.kW();
    SimdRows.extreme(planes, from, rowStep, pool.kH(), width, min, best);
    SimdRows.slidingExtreme(best, width, pool.kW(), min);
    if (places != null) {
      SimdRows.places(best, planes, from, rowStep, width, pool, places);
    }
    for (int i = 0; i < pooledW; i++) {
      best[i] = best[i * pool.kW()];
      if (places != null) {
        places[i] = places[i * pool.kW()];
      }
    }
  }

  /** The first value of each window, and its place, 0. */
  void corners(float[] planes, int plane, float[] to, int at, float @Nullable [] places) {
    int next = at;
    for (int row = 0; row < pooledH; row++) {
      int corner = plane + row * pool.kH() * rowStep;
      for (int end = next + pooledW; next < end; next++, corner += pool.kW()) {
        to[next] = planes[corner];
      }
    }
    if (places != null) {
      Arrays.fill(places, at, next, 0);
    }
  }

  /** Adds {@code factor g} of each window to the place that won it. */
  void scatter(
      float[] g, int from, float factor, float[] places, int place, float[] planes, int plane) {
    for (int row = 0, i = 0; row < pooledH; row++) {
      int corner = plane + row * pool.kH() * rowStep;
      for (int end = i + pooledW; i < end; i++, corner += pool.kW()) {
        planes[corner + (int) places[place + i]] += g[from + i] * factor;
      }
    }
  }
}
