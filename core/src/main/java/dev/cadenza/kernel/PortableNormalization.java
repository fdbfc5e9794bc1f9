package dev.cadenza.kernel;

import dev.cadenza.shape.Shape;

/** {@link Normalization} by loops over tiles. */
final class PortableNormalization implements Normalization {
  private static final int TILE = PortableElementwise.TILE;
  private static final int X = 0;
  private static final int G = 1;
  private static final int SUMS = 2;
  private static final int PRODUCTS = 3;

  private static final int PLANE_TILE = TILE / 8;

  /** Tiles that are added up in numbers of their own type before doubles take over. */
  private static final int DEPTH = 64;

  /**
   * Parts of the rows of a layer norm whose gradients by gamma and beta are summed side by side.
   */
  private static final int BLOCKS = 32;

  /**
   * Statistics are taken in one pass, of what differs from the mean of the first tile. That mean is
   * at most {@code sqrt(tiles)} standard deviations from the mean of all, so that the variance
   * loses no more than {@code tiles} roundings of a double.
   */
  @Override
  public Result batchNorm(Array x, Array gamma, Array beta, double eps) {
    Array y = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] shift = beta.toDoubleArray();
    double[] mean = new double[scale.length];
    double[] variance = new double[scale.length];
    double terms = (double) x.size() / scale.length;
    Threads.parallelFor(
        scale.length,
        c -> {
          double nearly = meanOfFirstTile(x, c);
          double[] total = sums(x, nearly, x, nearly, tiles(x.shape(), c));
          double rest = total[0] / terms;
          mean[c] = nearly + rest;
          variance[c] = Math.max(0, total[1] / terms - rest * rest);
          normalize(x, y, c, mean[c], scale[c] / Math.sqrt(variance[c] + eps), shift[c]);
        });
    Shape channels = gamma.shape();
    return new Result(
        y, Array.of(mean, channels).cast(x.type()), Array.of(variance, channels).cast(x.type()));
  }

  /** With h = g gamma: gx = (h - mean(h) - xhat mean(h xhat)) / sqrt(variance + eps). */
  @Override
  public Gradients batchNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    Array gx = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] centre = mean.toDoubleArray();
    double[] spread = variance.toDoubleArray();
    double[] gGamma = new double[scale.length];
    double[] gBeta = new double[scale.length];
    double terms = (double) x.size() / scale.length;
    Threads.parallelFor(
        scale.length,
        c -> {
          double[] total = sums(g, 0, x, centre[c], tiles(x.shape(), c));
          double inverse = 1 / Math.sqrt(spread[c] + eps);
          gBeta[c] = total[0];
          gGamma[c] = total[1] * inverse;
          double meanG = gBeta[c] / terms;
          double slope = gGamma[c] * inverse / terms;
          tiles(x.shape(), c)
              .forEach(
                  (from, n) -> {
                    Tile in = Scratch.mine().read(X, x, from, n);
                    Tile gy = Scratch.mine().read(G, g, from, n);
                    gy.combine(meanG, in, centre[c], slope, scale[c] * inverse, n);
                    gy.write(gx, from, n);
                  });
        });
    Shape channels = gamma.shape();
    return new Gradients(
        gx, Array.of(gGamma, channels).cast(x.type()), Array.of(gBeta, channels).cast(x.type()));
  }

  @Override
  public Array normalize(Array x, Array gamma, Array beta, Array mean, Array variance, double eps) {
    Array y = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] shift = beta.toDoubleArray();
    double[] centre = mean.toDoubleArray();
    double[] spread = variance.toDoubleArray();
    Threads.parallelFor(
        scale.length,
        c -> normalize(x, y, c, centre[c], scale[c] / Math.sqrt(spread[c] + eps), shift[c]));
    return y;
  }

  private static void normalize(Array x, Array y, int c, double mean, double scale, double shift) {
    tiles(x.shape(), c)
        .forEach(
            (from, n) -> {
              Tile in = Scratch.mine().read(X, x, from, n);
              in.affine(mean, scale, shift, n);
              in.write(y, from, n);
            });
  }

  /** A number of the array's type. */
  static double meanOfFirstTile(Array x, int c) {
    int plane = x.shape().size(2, x.shape().rank());
    int n = x.size() == 0 ? 0 : Math.min(TILE, plane);
    Tile tile = Scratch.mine().tile(x.type(), X, TILE);
    tile.read(x, c * plane, n);
    tile.set(0, PortableElementwise.sum(tile, 0, n) / n);
    return tile.get(0);
  }

  /**
   * The sum of what numbers of {@code a} differ by from their centre, and that of its products with
   * what {@code b} does. The centres are numbers of the arrays' type.
   */
  static double[] sums(Array a, double centreA, Array b, double centreB, Tiles tiles) {
    Scratch scratch = Scratch.mine();
    Tile sums = scratch.tile(a.type(), SUMS, tiles.width);
    Tile products = scratch.tile(a.type(), PRODUCTS, tiles.width);
    sums.fill(0, tiles.width);
    products.fill(0, tiles.width);
    double[] total = new double[2];
    int[] depth = {0};
    tiles.forEach(
        (from, n) -> {
          Tile left = scratch.read(X, a, from, n);
          Tile right = a == b ? left : scratch.read(G, b, from, n);
          sums.addProducts(left, centreA, right, centreB, products, n);
          depth[0]++;
          if (depth[0] % DEPTH == 0) {
            flush(sums, products, total, tiles.width);
          }
        });
    flush(sums, products, total, tiles.width);
    return total;
  }

  private static void flush(Tile sums, Tile products, double[] total, int width) {
    total[0] += PortableElementwise.sum(sums, 0, width);
    total[1] += PortableElementwise.sum(products, 0, width);
    sums.fill(0, width);
    products.fill(0, width);
  }

  /**
   * Adds the sum of what the numbers of {@code a} differ by from their centre, and that of its
   * products with what those of {@code b} do, in sums that do not wait for each other.
   */
  private static void addProducts(
      Tile a, double centreA, Tile b, double centreB, int from, int to, double[] total) {
    double sum0 = 0;
    double sum1 = 0;
    double product0 = 0;
    double product1 = 0;
    int i = from;
    for (; i + 2 <= to; i += 2) {
      double a0 = a.get(i) - centreA;
      double a1 = a.get(i + 1) - centreA;
      sum0 += a0;
      sum1 += a1;
      product0 += a0 * (b.get(i) - centreB);
      product1 += a1 * (b.get(i + 1) - centreB);
    }
    if (i < to) {
      double last = a.get(i) - centreA;
      sum0 += last;
      product0 += last * (b.get(i) - centreB);
    }
    total[0] += sum0 + sum1;
    total[1] += product0 + product1;
  }

  /**
   * Runs of {@code size} numbers of an array, the first at {@code start} and each {@code apart}
   * from the next, in tiles of {@code width} at most.
   */
  record Tiles(int start, int runs, int apart, int size, int width) {
    void forEach(PortableElementwise.Range body) {
      for (int run = 0; run < runs; run++) {
        for (int i = 0; i < size; i += width) {
          body.at(start + run * apart + i, Math.min(width, size - i));
        }
      }
    }
  }

  /** All numbers of channel {@code c} of an array [N, C, ..]. */
  private static Tiles tiles(Shape shape, int c) {
    int plane = shape.size(2, shape.rank());
    int width = Math.max(1, Math.min(TILE, plane));
    return new Tiles(c * plane, shape.dim(0), shape.dim(1) * plane, plane, width);
  }

  /** Those of a single plane; tiles are smaller, since all of theirs are added up once. */
  static Tiles tiles(int plane, int size) {
    return new Tiles(plane * size, 1, 0, size, Math.max(1, Math.min(PLANE_TILE, size)));
  }

  /** Statistics are taken in two passes: the variance is that of the centred values. */
  @Override
  public Result layerNorm(Array x, Array gamma, Array beta, double eps) {
    int rows = x.shape().dim(0);
    Array y = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] shift = beta.toDoubleArray();
    double[] mean = new double[rows];
    double[] variance = new double[rows];
    int columns = scale.length;
    forEachBlock(
        rows,
        columns,
        (block, first, n) -> {
          Tile in = Scratch.mine().read(X, x, first * columns, n * columns);
          for (int row = first, i = 0; row < first + n; row++, i += columns) {
            double nearly = PortableElementwise.sum(in, i, i + columns) / columns;
            double[] total = new double[2];
            addProducts(in, nearly, in, nearly, i, i + columns, total);
            double rest = total[0] / columns; // of equal values the mean is the value itself
            mean[row] = nearly + rest;
            variance[row] = Math.max(0, total[1] / columns - rest * rest);
            double inverse = 1 / Math.sqrt(variance[row] + eps);
            for (int c = 0; c < columns; c++) {
              in.set(i + c, (in.get(i + c) - mean[row]) * inverse * scale[c] + shift[c]);
            }
          }
          in.write(y, first * columns, n * columns);
        });
    Shape s = Shape.of(rows);
    return new Result(y, Array.of(mean, s).cast(x.type()), Array.of(variance, s).cast(x.type()));
  }

  /** As that of batch norm, with the mean and deviation of each row. */
  @Override
  public Gradients layerNormGradient(
      Array x, Array gamma, Array mean, Array variance, double eps, Array g) {
    int rows = x.shape().dim(0);
    Array gx = Array.uninitialized(x.type(), x.shape());
    double[] scale = gamma.toDoubleArray();
    double[] centre = mean.toDoubleArray();
    double[] spread = variance.toDoubleArray();
    int columns = scale.length;
    double[][] gGamma = new double[BLOCKS][columns];
    double[][] gBeta = new double[BLOCKS][columns];
    forEachBlock(
        rows,
        columns,
        (block, first, n) -> {
          Tile in = Scratch.mine().read(X, x, first * columns, n * columns);
          Tile gy = Scratch.mine().read(G, g, first * columns, n * columns);
          double[] gG = gGamma[block];
          double[] gB = gBeta[block];
          for (int row = first, i = 0; row < first + n; row++, i += columns) {
            double inverse = 1 / Math.sqrt(spread[row] + eps);
            double sumH = 0;
            double product = 0;
            for (int c = 0; c < columns; c++) {
              double xhat = (in.get(i + c) - centre[row]) * inverse;
              double gc = gy.get(i + c);
              gG[c] += gc * xhat;
              gB[c] += gc;
              sumH += gc * scale[c];
              product += gc * scale[c] * xhat;
            }
            double meanH = sumH / columns;
            double slope = product / columns;
            for (int c = 0; c < columns; c++) {
              double xhat = (in.get(i + c) - centre[row]) * inverse;
              gy.set(i + c, (gy.get(i + c) * scale[c] - meanH - xhat * slope) * inverse);
            }
          }
          gy.write(gx, first * columns, n * columns);
        });
    return new Gradients(
        gx,
        Array.of(total(gGamma), gamma.shape()).cast(x.type()),
        Array.of(total(gBeta), gamma.shape()).cast(x.type()));
  }

  private interface Rows {
    void at(int block, int first, int n);
  }

  /** Shares the rows out in up to {@link #BLOCKS} blocks, each by as many as fill a tile. */
  private static void forEachBlock(int rows, int columns, Rows body) {
    int ofBlock = (rows + BLOCKS - 1) / BLOCKS;
    int atOnce = Math.max(1, TILE / columns);
    Threads.parallelFor(
        BLOCKS,
        block -> {
          int end = Math.min(rows, (block + 1) * ofBlock);
          for (int row = block * ofBlock; row < end; row += atOnce) {
            body.at(block, row, Math.min(atOnce, end - row));
          }
        });
  }

  private static double[] total(double[][] parts) {
    double[] total = new double[parts[0].length];
    for (double[] part : parts) {
      for (int i = 0; i < total.length; i++) {
        total[i] += part[i];
      }
    }
    return total;
  }
}
