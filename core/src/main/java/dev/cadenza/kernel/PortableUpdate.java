package dev.cadenza.kernel;

import org.jspecify.annotations.Nullable;

/** {@link Update} by loops over tiles of doubles. */
final class PortableUpdate implements Update {
  private static final int P = 0;
  private static final int G = 1;
  private static final int M = 2;
  private static final int V = 3;

  @Override
  public void sgd(Array parameter, Array gradient, @Nullable Array velocity, Sgd s) {
    PortableElementwise.forEachTile(
        parameter.size(),
        (from, n) -> {
          double[] p = tile(P, parameter, from, n);
          double[] g = tile(G, gradient, from, n);
          decay(p, g, s.weightDecay(), n);
          if (velocity != null) {
            double[] v = tile(V, velocity, from, n);
            for (int i = 0; i < n; i++) {
              v[i] = s.first() ? g[i] : v[i] * s.momentum() + g[i] * (1 - s.dampening());
              g[i] = s.nesterov() ? g[i] + v[i] * s.momentum() : v[i];
            }
            velocity.write(from, v, 0, n);
          }
          for (int i = 0; i < n; i++) {
            p[i] -= g[i] * s.learningRate();
          }
          parameter.write(from, p, 0, n);
        });
  }

  @Override
  public void adam(Array parameter, Array gradient, Array mean, Array square, Adam s) {
    double correction = 1 - Math.pow(s.beta1(), s.step());
    double root = Math.sqrt(1 - Math.pow(s.beta2(), s.step()));
    PortableElementwise.forEachTile(
        parameter.size(),
        (from, n) -> {
          double[] p = tile(P, parameter, from, n);
          double[] g = tile(G, gradient, from, n);
          double[] m = tile(M, mean, from, n);
          double[] v = tile(V, square, from, n);
          if (s.decoupled()) {
            for (int i = 0; i < n; i++) {
              p[i] *= 1 - s.learningRate() * s.weightDecay();
            }
          } else {
            decay(p, g, s.weightDecay(), n);
          }
          for (int i = 0; i < n; i++) {
            m[i] = m[i] * s.beta1() + g[i] * (1 - s.beta1());
            v[i] = v[i] * s.beta2() + g[i] * g[i] * (1 - s.beta2());
            p[i] -= m[i] / (Math.sqrt(v[i]) / root + s.eps()) * (s.learningRate() / correction);
          }
          parameter.write(from, p, 0, n);
          mean.write(from, m, 0, n);
          square.write(from, v, 0, n);
        });
  }

  private static double[] tile(int slot, Array a, int from, int n) {
    double[] tile = Scratch.mine().doubles(slot, PortableElementwise.TILE);
    a.read(from, tile, 0, n);
    return tile;
  }

  /** Nothing at 0, where infinity would become NaN. */
  private static void decay(double[] p, double[] g, double weightDecay, int n) {
    if (weightDecay != 0) {
      for (int i = 0; i < n; i++) {
        g[i] += p[i] * weightDecay;
      }
    }
  }
}
