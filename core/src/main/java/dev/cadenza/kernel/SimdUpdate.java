package dev.cadenza.kernel;

import org.jspecify.annotations.Nullable;

/** {@link Update} in one pass over a parameter; plain loops that the compiler vectorises. */
final class SimdUpdate implements Update {
  private static final int P = 0;
  private static final int G = 1;
  private static final int V = 2;
  private static final int SQUARE = 3;

  @Override
  public void sgd(Array parameter, Array gradient, @Nullable Array velocity, Sgd s) {
    int n = parameter.size();
    float[] p = read(parameter, P);
    float[] g = read(gradient, G);
    float rate = (float) s.learningRate();
    decay(p, g, s.weightDecay(), n);
    if (velocity == null) {
      descend(p, g, rate, n);
    } else {
      float[] v = read(velocity, V);
      float momentum = s.first() ? 0 : (float) s.momentum();
      float share = s.first() ? 1 : (float) (1 - s.dampening());
      for (int i = 0; i < n; i++) {
        v[i] = momentum * v[i] + share * g[i];
      }
      if (s.nesterov()) {
        float ahead = (float) s.momentum();
        for (int i = 0; i < n; i++) {
          g[i] += ahead * v[i];
        }
        descend(p, g, rate, n);
      } else {
        descend(p, v, rate, n);
      }
      velocity.write(0, v, 0, n);
    }
    parameter.write(0, p, 0, n);
  }

  /** Nothing at 0, where infinity would become NaN. */
  private static void decay(float[] p, float[] g, double weightDecay, int n) {
    if (weightDecay != 0) {
      float decay = (float) weightDecay;
      for (int i = 0; i < n; i++) {
        g[i] += decay * p[i];
      }
    }
  }

  private static void descend(float[] p, float[] direction, float rate, int n) {
    for (int i = 0; i < n; i++) {
      p[i] -= rate * direction[i];
    }
  }

  @Override
  public void adam(Array parameter, Array gradient, Array mean, Array square, Adam s) {
    int n = parameter.size();
    float[] p = read(parameter, P);
    float[] g = read(gradient, G);
    float[] m = read(mean, V);
    float[] v = read(square, SQUARE);
    float beta1 = (float) s.beta1();
    float beta2 = (float) s.beta2();
    float rest1 = (float) (1 - s.beta1());
    float rest2 = (float) (1 - s.beta2());
    decay(p, g, s.decoupled() ? 0 : s.weightDecay(), n);
    float onWeight = s.decoupled() ? (float) (1 - s.learningRate() * s.weightDecay()) : 1;
    float rate = (float) (s.learningRate() / (1 - Math.pow(s.beta1(), s.step())));
    float root = (float) Math.sqrt(1 - Math.pow(s.beta2(), s.step()));
    float eps = (float) s.eps();
    for (int i = 0; i < n; i++) {
      m[i] = beta1 * m[i] + rest1 * g[i];
      v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
      p[i] = p[i] * onWeight - rate * m[i] / ((float) Math.sqrt(v[i]) / root + eps);
    }
    parameter.write(0, p, 0, n);
    mean.write(0, m, 0, n);
    square.write(0, v, 0, n);
  }

  private static float[] read(Array a, int slot) {
    float[] v = Scratch.mine().floats(slot, a.size());
    a.read(0, v, 0, a.size());
    return v;
  }
}
