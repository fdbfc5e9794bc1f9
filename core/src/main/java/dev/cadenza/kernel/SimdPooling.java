package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Pooling with windows that stand side by side, a plane at a time, whole rows of it at once. */
final class SimdPooling {
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

  /** The largest (or smallest) value of each window of a plane, and its place. NaN wins. */
  void pool(
      float[] planes,
      int plane,
      int rowStep,
      boolean min,
      float[] to,
      int at,
      float @Nullable [] places,
      Scratch scratch) {
    int width = pooledW * pool.kW();
    float[] line = scratch.floats(LINE, SimdProduct.padded(width) + LANES + pool.kW());
    int next = at;
    for (int row = 0; row < pooledH; row++) {
      int from = plane + row * pool.kH() * rowStep;
      System.arraycopy(planes, from, line, 0, width);
      for (int r = 1; r < pool.kH(); r++) {
        SimdRows.extreme(line, 0, planes, from + r * rowStep, width, min);
      }
      SimdRows.slidingExtreme(line, width, pool.kW(), min);
      if (places != null) {
        float[] linePlaces = scratch.floats(LINE_PLACES, SimdProduct.padded(width));
        SimdRows.places(line, planes, from, rowStep, width, pool, linePlaces);
        for (int column = 0, i = next; column < width; column += pool.kW(), i++) {
          places[i] = linePlaces[column];
        }
      }
      for (int column = 0; column < width; column += pool.kW()) {
        to[next++] = line[column];
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
