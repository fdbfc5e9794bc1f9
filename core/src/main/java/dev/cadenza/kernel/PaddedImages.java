package dev.cadenza.kernel;

import static dev.cadenza.kernel.SimdProduct.LANES;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;

/**
 * The layout that makes a convolution with stride 1 a product of {@link SimdProduct}: an image [C,
 * H, W] with zeros around it, its rows one after the other. Each tap of the window is then a
 * constant shift, and the outputs are long runs; those that fall between two rows are garbage. An
 * image may come in bands, of as much as some rows of outputs need.
 */
final class PaddedImages {
  private static final int LINES = 12;

  /** Numbers of small channels that are read at once. */
  private static final int TOGETHER = 4096;

  final int channels;
  final int h;
  final int w;
  final int outH;
  final int outW;
  final int taps;

  /** The distance of neighbouring rows, of inputs and outputs alike. */
  final int rowStep;

  /** The size of a channel's padded plane, or band of it. */
  final int plane;

  /** The number of outputs of a channel in a band, garbage included. */
  final int positions;

  /** Where each channel's tap reads, for the output at 0. */
  final int[] shifts;

  /** How far beyond the last plane is read, for garbage. */
  final int slack;

  /** Columns of zeros on either side. */
  final int padW;

  private final int padH;
  private final int size;

  /** Whole images. */
  PaddedImages(int channels, Shape images, Window window) {
    this(channels, images, window, window.outH(images.dim(2)));
  }

  /** Bands of so many rows of outputs. */
  PaddedImages(int channels, Shape images, Window window, int rows) {
    this.channels = channels;
    this.h = images.dim(2);
    this.w = images.dim(3);
    this.outH = window.outH(h);
    this.outW = window.outW(w);
    this.taps = window.kH() * window.kW();
    this.rowStep = w + 2 * window.padW();
    this.plane = (rows + window.dilationH() * (window.kH() - 1)) * rowStep;
    this.positions = rows * rowStep;
    this.padH = window.padH();
    this.padW = window.padW();
    this.slack = window.dilationW() * window.kW() + 2 * LANES;
    this.size = channels * plane + slack;
    this.shifts = new int[channels * taps];
    for (int c = 0, i = 0; c < channels; c++) {
      for (int kh = 0; kh < window.kH(); kh++) {
        for (int kw = 0; kw < window.kW(); kw++, i++) {
          shifts[i] = c * plane + kh * window.dilationH() * rowStep + kw * window.dilationW();
        }
      }
    }
  }

  /**
   * Reads an image.
   *
   * @param start where its first channel starts in x
   */
  float[] read(Array x, int start, Scratch scratch, int slot) {
    return read(x, start, 0, scratch, slot);
  }

  /**
   * Reads a band of an image.
   *
   * @param start where the image's first channel starts in x
   * @param outRow the first row of outputs
   */
  float[] read(Array x, int start, int outRow, Scratch scratch, int slot) {
    float[] in = scratch.floats(slot, size);
    int top = outRow - padH; // the row of the image that is the band's first
    int first = Math.max(0, -top);
    int rows = Math.max(0, Math.min(plane / rowStep, h - top) - first);
    int length = rows * w;
    int together = rows == h ? Math.max(1, Math.min(channels, TOGETHER / length)) : 1;
    float[] lines = scratch.floats(LINES, together * length + LANES);
    for (int c = 0, at = 0; c < channels; c += together) {
      int count = Math.min(together, channels - c);
      x.read(start + (c * h + top + first) * w, lines, 0, count * length);
      for (int i = 0; i < count; i++, at += plane) {
        int row = at + first * rowStep + padW;
        int end = at + (first + rows) * rowStep;
        Arrays.fill(in, at, row, 0);
        SimdRows.spread(lines, i * length, rows, w, in, row, rowStep);
        Arrays.fill(in, end, at + plane, 0);
      }
    }
    Arrays.fill(in, channels * plane, size, 0);
    return in;
  }

  /** Room for {@link #readLines}, what is read beside rows and two vectors more. */
  float[] lines(int rows, Scratch scratch) {
    return scratch.floats(LINES, rows * w + 2 * padW + 2 * LANES);
  }

  /**
   * Reads rows of a channel from the first that an output needs on, without what is beside them:
   * one after the other, w apart, zeros where the image has none.
   *
   * @param at where the first goes, after zeros
   */
  void readLines(Array x, int start, int outRow, int rows, float[] lines, int at) {
    int top = outRow - padH; // the row of the image that is the first
    int first = Math.min(top + rows, Math.max(0, top));
    int last = Math.max(first, Math.min(h, top + rows));
    int from = at + (first - top) * w;
    int to = at + (last - top) * w;
    Arrays.fill(lines, 0, from, 0);
    x.read(start + first * w, lines, from, to - from);
    Arrays.fill(lines, to, at + rows * w, 0);
  }

  /** Reads outputs, or their gradient, as planes with zeros in place of the garbage. */
  float[] readOutputs(Array g, int start, int count, Scratch scratch, int slot) {
    int width = SimdProduct.padded(positions);
    float[] planes = scratch.zeros(slot, count * width + LANES);
    for (int row = 0; row < count * outH; row++) {
      g.read(start + row * outW, planes, row / outH * width + row % outH * rowStep, outW);
    }
    return planes;
  }

  /** Writes planes that are {@code SimdProduct.padded(positions)} apart, without the garbage. */
  void writeOutputs(float[] planes, int count, Array y, int start) {
    int width = SimdProduct.padded(positions);
    for (int row = 0; row < count * outH; row++) {
      y.write(start + row * outW, planes, row / outH * width + row % outH * rowStep, outW);
    }
  }
}
