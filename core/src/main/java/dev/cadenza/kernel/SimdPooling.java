package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Pooling with windows that stand side by side, a plane at a time, whole rows of it at once. */
final class SimdPooling {
  private static final int COLUMNS = 12;
  private static final int PAIRS = 13;
  private static final int LINE = 14;
  private static final int LINE_PLACES = 15;

  private final Window pool;
  private final int pooledH;
  private final int pooledW;

  /**
   * @param out the shape of the result, [.., pooled H, pooled W]
   */
  SimdPooling(Window pool, Shape out) {
    this.pool = pool;
    this.pooledH = out.dim(-2);
    this.pooledW = out.dim(-1);
  }

  /** Floats that are read past the last plane: of windows that fill up the last vectors. */
  static int slack(Window pool) {
    return 2 * LANES + pool.kW();
  }

  /**
   * The largest (or smallest) value of each window of a plane, and its place. NaN wins; then the
   * place is that of any value of the window.
   */
  void pool(
      float[] planes,
      int plane,
      int rowStep,
      boolean min,
      float[] to,
      int at,
      float @Nullable [] places,
      Scratch scratch) {
    boolean halves = pool.kW() == 1 || pool.kW() == 2 || pool.kW() == 4;
    int room = SimdProduct.padded(pooledW) * pool.kW() + slack(pool);
    float[] best = scratch.floats(LINE, room);
    float[] bestPlaces = scratch.floats(LINE_PLACES, room);
    for (int row = 0; row < pooledH; row++) {
      int from = plane + row * pool.kH() * rowStep;
      if (!halves) {
        slide(planes, from, rowStep, min, best, places == null ? null : bestPlaces);
      } else if (places == null) {
        reduce(planes, from, rowStep, min, best);
      } else {
        search(planes, from, rowStep, min, best, bestPlaces, scratch);
      }
      System.arraycopy(best, 0, to, at + row * pooledW, pooledW);
      if (places != null) {
        System.arraycopy(bestPlaces, 0, places, at + row * pooledW, pooledW);
      }
    }
  }

  /** A row of windows of one, two or four columns without their places. */
  private void reduce(float[] planes, int from, int rowStep, boolean min, float[] best) {
    columns(planes, from, rowStep, min, best);
    for (int left = pool.kW() / 2; left > 0; left /= 2) {
      SimdRows.pairwiseExtreme(best, pooledW * left, min);
    }
  }

  /** The extremes of the columns of a row of windows. */
  private void columns(float[] planes, int from, int rowStep, boolean min, float[] best) {
    int width = pooledW * pool.kW();
    if (pool.kH() == 1) {
      System.arraycopy(planes, from, best, 0, width);
    } else {
      SimdRows.extreme(planes, from, planes, from + rowStep, width, min, best);
    }
    for (int r = 2; r < pool.kH(); r++) {
      SimdRows.extreme(best, 0, planes, from + r * rowStep, width, min, best);
    }
  }

  /** A row of windows of one, two or four columns. */
  private void search(
      float[] planes,
      int from,
      int rowStep,
      boolean min,
      float[] best,
      float[] places,
      Scratch scratch) {
    float sign = min ? -1 : 1;
    Arrays.fill(best, 0, pooledW, Float.NEGATIVE_INFINITY);
    Arrays.fill(places, 0, pooledW, 0);
    int line = SimdProduct.padded(pooledW);
    float[] columns = scratch.floats(COLUMNS, 4 * line);
    float[] pairs = scratch.floats(PAIRS, 4 * line + 2 * LANES);
    for (int r = 0, place = 0; r < pool.kH(); r++, place += rowStep) {
      switch (pool.kW()) {
        case 1 -> System.arraycopy(planes, from + place, columns, 0, pooledW);
        case 2 -> SimdRows.deal(planes, from + place, pooledW, columns, 0, line);
        default -> {
          SimdRows.deal(planes, from + place, 2 * pooledW, pairs, 0, 2 * line);
          SimdRows.deal(pairs, 0, pooledW, columns, 0, 2 * line);
          SimdRows.deal(pairs, 2 * line, pooledW, columns, line, 3 * line);
        }
      }
      for (int column = 0; column < pool.kW(); column++) {
        SimdRows.challenge(columns, column * line, pooledW, place + column, sign, best, places);
      }
    }
    for (int i = 0; min && i < pooledW; i++) {
      best[i] = -best[i];
    }
  }

  /** A row of any windows. */
  private void slide(
      float[] planes, int from, int rowStep, boolean min, float[] best, float @Nullable [] places) {
    int width = pooledW * pool.kW();
    columns(planes, from, rowStep, min, best);
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
  void corners(
      float[] planes, int plane, int rowStep, float[] to, int at, float @Nullable [] places) {
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
      float[] g,
      int from,
      float factor,
      float[] places,
      int place,
      float[] planes,
      int plane,
      int rowStep) {
    for (int row = 0, i = 0; row < pooledH; row++) {
      int corner = plane + row * pool.kH() * rowStep;
      for (int end = i + pooledW; i < end; i++, corner += pool.kW()) {
        planes[corner + (int) places[place + i]] += g[from + i] * factor;
      }
    }
  }
}
