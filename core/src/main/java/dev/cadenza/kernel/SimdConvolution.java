package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * {@link Convolution} by {@link SimdProduct} for windows that move one step at a time; others are
 * left to the portable kernels. Pooling of any window.
 */
final class SimdConvolution implements Convolution {
  private static final int MAX_PARTS = 16;

  private static final int INPUT = 0;
  private static final int OUTPUT = 1;
  private static final int TURNED = 2;
  private static final int POOLED = 3;
  private static final int PLACES = 4;
  private static final int WEIGHT = 5;
  private static final int MIRRORED = 6;

  private final Convolution portable;

  SimdConvolution(Convolution portable) {
    this.portable = portable;
  }

  @Override
  public Array conv2d(Array x, Array weight, @Nullable Array bias, Window window, int groups) {
    if (!window.unitStride()) {
      return portable.conv2d(x, weight, bias, window, groups);
    }
    int n = x.shape().dim(0);
    int cin = weight.shape().dim(1);
    int cout = weight.shape().dim(0) / groups;
    PaddedImages images = new PaddedImages(cin, x.shape(), window);
    int k = cin * images.taps;
    float[] w = weight.toFloatArray();
    float[][] interleaved = new float[groups][];
    for (int group = 0; group < groups; group++) {
      int[] rows = RowStarts.apart(cout, group * cout * k, k);
      interleaved[group] = SimdProduct.interleaved(w, rows, 1, k);
    }
    int[] rows = RowStarts.interleaved(cout, 0, k);
    float[] b = bias == null ? new float[cout * groups] : bias.toFloatArray();
    Array y = Array.uninitialized(DType.FLOAT32, window.out("conv2d", x.shape(), cout * groups));
    int width = SimdProduct.padded(images.positions);
    Threads.parallelFor(
        n * groups,
        task -> {
          Scratch scratch = Scratch.mine();
          int group = task % groups;
          float[] in = images.read(x, task * cin * images.h * images.w, scratch, INPUT);
          float[] out = scratch.floats(OUTPUT, cout * width);
          for (int c = 0; c < cout; c++) {
            Arrays.fill(out, c * width, (c + 1) * width, b[group * cout + c]);
          }
          float[] a = interleaved[group];
          SimdProduct.multiplyInterleaved(
              a, rows, in, images.shifts, k, out, 0, width, images.positions, true);
          images.writeOutputs(out, cout, y, task * cout * images.outH * images.outW);
        });
    return y;
  }

  /** A convolution of the output's gradient with the mirrored kernel. */
  @Override
  public Array inputGradient(Array g, Array weight, Shape input, Window window, int groups) {
    int padH = window.dilationH() * (window.kH() - 1) - window.padH();
    int padW = window.dilationW() * (window.kW() - 1) - window.padW();
    if (!window.unitStride() || padH < 0 || padW < 0 || groups > 1) {
      return portable.inputGradient(g, weight, input, window, groups);
    }
    Shape s = weight.shape();
    int taps = window.kH() * window.kW();
    float[] mirrored = Scratch.mine().floats(MIRRORED, weight.size());
    mirror(Scratch.mine().floats(WEIGHT, weight), s.dim(0), s.dim(1), taps, mirrored);
    Array turned = Array.of(mirrored, 0, Shape.of(s.dim(1), s.dim(0), window.kH(), window.kW()));
    return conv2d(g, turned, null, window.padding(padH, padW), 1);
  }

  /** Writes weights [Cout, Cin, taps] as [Cin, Cout, taps], the taps mirrored. */
  static void mirror(float[] weight, int cout, int cin, int taps, float[] to) {
    Threads.parallelFor(
        cin,
        c -> {
          for (int o = 0; o < cout; o++) {
            int from = (o * cin + c) * taps;
            int end = (c * cout + o + 1) * taps - 1;
            for (int tap = 0; tap < taps; tap++) {
              to[end - tap] = weight[from + tap];
            }
          }
        });
  }

  @Override
  public Array weightGradient(Array g, Array x, Shape weight, Window window, int groups) {
    if (!window.unitStride() || groups > 1) {
      return portable.weightGradient(g, x, weight, window, groups);
    }
    int n = x.shape().dim(0);
    int cout = weight.dim(0);
    PaddedImages images = new PaddedImages(weight.dim(1), x.shape(), window);
    int size = images.channels * images.h * images.w;
    int outSize = cout * images.outH * images.outW;
    int parts = Math.min(n, MAX_PARTS);
    SimdWeightGradient[] sums = SimdWeightGradient.parts(parts, images, cout);
    Threads.parallelFor(
        parts,
        part -> {
          SimdWeightGradient sum = sums[part];
          for (int image = part * n / parts; image < (part + 1) * n / parts; image++) {
            Scratch scratch = Scratch.mine();
            float[] in = images.read(x, image * size, scratch, INPUT);
            float[] planes = images.readOutputs(g, image * outSize, cout, scratch, OUTPUT);
            int step = SimdProduct.padded(images.positions);
            sum.add(in, planes, 0, step, 0, cout, scratch, TURNED);
          }
        });
    return parts == 0 ? Array.zeros(DType.FLOAT32, weight) : SimdWeightGradient.total(sums, weight);
  }

  @Override
  public Array maxPool(Array x, Window window) {
    Pooling p = new Pooling(x.shape(), window);
    Array y = Array.uninitialized(DType.FLOAT32, p.out);
    Threads.parallelFor(
        p.tasks,
        task -> {
          Scratch scratch = Scratch.mine();
          int count = p.planes(task);
          float[] in = scratch.floats(INPUT, count * p.inArea + SimdPooling.slack(window));
          float[] out = scratch.floats(OUTPUT, count * p.outArea);
          x.read(p.firstPlane(task) * p.inArea, in, 0, count * p.inArea);
          if (window.sideBySide()) {
            SimdPooling tiled = new SimdPooling(window, p.w, p.out);
            tiled.pool(in, 0, p.inArea, count, false, out, 0, null, scratch);
          } else {
            for (int plane = 0; plane < count; plane++) {
              for (int i = 0; i < p.outArea; i++) {
                out[plane * p.outArea + i] = in[p.largest(in, plane * p.inArea, i)];
              }
            }
          }
          y.write(p.firstPlane(task) * p.outArea, out, 0, count * p.outArea);
        });
    return y;
  }

  @Override
  public Array maxPoolGradient(Array x, Array y, Array g, Window window) {
    Pooling p = new Pooling(x.shape(), window);
    Array gx = Array.uninitialized(DType.FLOAT32, x.shape());
    Threads.parallelFor(
        p.tasks,
        task -> {
          Scratch scratch = Scratch.mine();
          int count = p.planes(task);
          float[] in = scratch.floats(INPUT, count * p.inArea + SimdPooling.slack(window));
          float[] gs = scratch.floats(OUTPUT, count * p.outArea);
          float[] to = scratch.zeros(TURNED, count * p.inArea);
          x.read(p.firstPlane(task) * p.inArea, in, 0, count * p.inArea);
          g.read(p.firstPlane(task) * p.outArea, gs, 0, count * p.outArea);
          if (window.sideBySide()) {
            SimdPooling tiled = new SimdPooling(window, p.w, p.out);
            float[] pooled = scratch.floats(POOLED, count * p.outArea);
            float[] places = scratch.floats(PLACES, count * p.outArea);
            tiled.pool(in, 0, p.inArea, count, false, pooled, 0, places, scratch);
            for (int plane = 0; plane < count; plane++) {
              int windows = plane * p.outArea;
              tiled.scatter(gs, windows, 1, places, windows, to, plane * p.inArea);
            }
          } else {
            for (int plane = 0; plane < count; plane++) {
              for (int i = 0; i < p.outArea; i++) {
                to[p.largest(in, plane * p.inArea, i)] += gs[plane * p.outArea + i];
              }
            }
          }
          gx.write(p.firstPlane(task) * p.inArea, to, 0, count * p.inArea);
        });
    return gx;
  }

  /** Where each pooling window looks, and how planes are shared among tasks. */
  private static final class Pooling {
    private static final int PLANES = 8;

    private final Window window;
    private final int h;
    private final int w;
    private final int outW;
    private final int count;
    private final Shape out;
    private final int inArea;
    private final int outArea;
    private final int tasks;

    Pooling(Shape x, Window window) {
      this.window = window;
      this.h = x.dim(2);
      this.w = x.dim(3);
      this.out = window.out("maxPool2d", x, x.dim(1));
      this.outW = out.dim(3);
      this.count = x.dim(0) * x.dim(1);
      this.inArea = h * w;
      this.outArea = out.dim(2) * outW;
      this.tasks = (count + PLANES - 1) / PLANES;
    }

    int firstPlane(int task) {
      return task * PLANES;
    }

    int planes(int task) {
      return Math.min(PLANES, count - firstPlane(task));
    }

    /** The index of the first largest element (or of the last NaN) of window {@code i}. */
    int largest(float[] in, int plane, int i) {
      int top = i / outW * window.strideH() - window.padH();
      int left = i % outW * window.strideW() - window.padW();
      int best = -1;
      for (int kh = 0, row = top; kh < window.kH(); kh++, row += window.dilationH()) {
        if (row < 0 || row >= h) {
          continue;
        }
        for (int kw = 0, col = left; kw < window.kW(); kw++, col += window.dilationW()) {
          if (col >= 0 && col < w) {
            int at = plane + row * w + col;
            if (best < 0 || in[at] > in[best] || Float.isNaN(in[at])) {
              best = at;
            }
          }
        }
      }
      return best;
    }
  }
}
