package dev.cadenza.audio.feature;

import dev.cadenza.audio.dsp.Check;
import java.util.Arrays;

/**
 * A feature map, {@code [F, T]}: bins (or coefficients, or bands), then frames, row by row.
 *
 * <p>The array is not copied, neither in nor out.
 *
 * @param values {@code bins * frames} values; bin f of frame t is at {@code f * frames + t}
 * @param bins F
 * @param frames T
 */
public record Features(float[] values, int bins, int frames) {
  public Features {
    Check.atLeast("features", "bins", bins, 0);
    Check.atLeast("features", "frames", frames, 0);
    if (values.length != (long) bins * frames) {
      throw new IllegalArgumentException(
          "features: " + values.length + " values do not fill [" + bins + ", " + frames + "]");
    }
  }

  /** A copy of the first {@code frames} values of each row. */
  static Features of(float[][] rows, int frames) {
    float[] values = new float[Math.multiplyExact(rows.length, frames)];
    for (int f = 0; f < rows.length; f++) {
      System.arraycopy(rows[f], 0, values, f * frames, frames);
    }
    return new Features(values, rows.length, frames);
  }

  /** The value of a bin in a frame. */
  public float get(int bin, int frame) {
    if (bin < 0 || bin >= bins || frame < 0 || frame >= frames) {
      throw new IndexOutOfBoundsException(
          "features: [" + bin + ", " + frame + "] is outside of [" + bins + ", " + frames + "]");
    }
    return values[bin * frames + frame];
  }

  /** A copy of one bin over all frames. */
  public float[] row(int bin) {
    return Arrays.copyOfRange(values, bin * frames, (bin + 1) * frames);
  }

  /** These rows, then those of the others, which must have as many frames. */
  public Features concat(Features... others) {
    int rows = bins;
    for (Features other : others) {
      if (other.frames != frames) {
        throw new IllegalArgumentException(
            "features: cannot put " + other + " below " + this + ", frames differ");
      }
      rows += other.bins;
    }
    float[] all = Arrays.copyOf(values, rows * frames);
    int at = values.length;
    for (Features other : others) {
      System.arraycopy(other.values, 0, all, at, other.values.length);
      at += other.values.length;
    }
    return new Features(all, rows, frames);
  }

  @Override
  public String toString() {
    return "Features[" + bins + ", " + frames + "]";
  }
}
