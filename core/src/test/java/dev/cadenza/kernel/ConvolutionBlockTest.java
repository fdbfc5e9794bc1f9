package dev.cadenza.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.cadenza.kernel.ConvolutionBlock.Settings;
import dev.cadenza.kernel.ConvolutionBlock.Statistics;
import dev.cadenza.shape.Shape;
import dev.cadenza.shape.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The portable block beside the kernels that define it, one after the other, in float64. */
class ConvolutionBlockTest {
  private static final KernelSet KERNELS = Kernels.portable();
  private static final Window SAME = Window.square(3).padding(1, 1);
  private static final int CHANNELS = 5;
  private static final double EPS = 1e-5;

  /** Both sides add up the same numbers in another order: some thousand of the size of 1. */
  private static final double TOLERANCE = 1e-11;

  record Case(Window conv, Window pool, boolean given, double p, double offset) {
    Settings settings() {
      SplittableRandom rng = new SplittableRandom(2);
      Statistics statistics =
          new Statistics(random(rng, CHANNELS), KERNELS.elementwise().exp(random(rng, CHANNELS)));
      return new Settings(conv, pool, EPS, given ? statistics : null, p, 29);
    }
  }

  static Stream<Case> cases() {
    List<Window> convolutions =
        List.of(SAME, Window.of(1, 2), Window.square(3).stride(2, 1), SAME.dilation(2, 2));
    List<Window> pools =
        List.of(
            Window.pool(2, 2),
            Window.pool(1, 4),
            Window.square(3).stride(1, 2), // overlap
            Window.of(2, 2).stride(3, 3), // leave gaps
            Window.of(2, 2).dilation(1, 3));
    return convolutions.stream()
        .flatMap(
            conv ->
                pools.stream()
                    .flatMap(
                        pool ->
                            Stream.of(
                                new Case(conv, pool, false, 0, 0),
                                new Case(conv, pool, false, 0.4, 1000),
                                new Case(conv, pool, true, 0.4, 0))));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void a_block_is_its_kernels_one_after_the_other(Case c) {
    Inputs in = new Inputs(DType.FLOAT64, c.offset);
    assertEqual(in.block(c.settings()), in.composed(c.settings()), TOLERANCE);
  }

  /** Sums of up to 198 terms round by 2^-24 each, 1.2e-5; batch norm and ReLU round once more. */
  @ParameterizedTest
  @MethodSource("cases")
  void in_float32_it_rounds_no_more_than_its_terms_allow(Case c) {
    Inputs exact = new Inputs(DType.FLOAT64, 0);
    Inputs in = new Inputs(DType.FLOAT32, 0);
    assertEqual(in.block(c.settings()), exact.composed(c.settings()), 2e-5);
  }

  /** By windows of one number a single infinity makes the sum of a plane infinite, not NaN. */
  @Test
  void where_gamma_is_zero_the_first_wins_and_nan_is_not_lost() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      for (Window conv : List.of(SAME, Window.square(1))) {
        Inputs in = new Inputs(DType.FLOAT64, 0);
        int secondImage = in.x.shape().size(1, 4);
        in.x.write(secondImage + 2 * 11 + 6, new double[] {bad}, 0, 1); // a window's first
        Settings given = new Case(conv, Window.pool(2, 2), true, 0, 0).settings();
        List<double[]> y = in.block(given);
        assertThat(y.get(0)).contains(Double.NaN);
        // of gradients by an infinity that lost its window 0 times infinity makes NaN of some
        int compared = Double.isNaN(bad) ? y.size() : 1;
        List<double[]> expected = in.composed(given).subList(0, compared);
        assertEqual(y.subList(0, compared), expected, TOLERANCE);
      }
    }
  }

  /** The mean lies between two floats that are 1/8 apart, beside a deviation of 1. */
  @Test
  void a_mean_far_from_zero_does_not_spoil_the_gradient_by_gamma() {
    Shape s = Shape.of(2, 1, 4, 8);
    double[] far = new SplittableRandom(6).ints(s.size(), 0, 30).asDoubleStream().toArray();
    for (int i = 0; i < far.length; i++) {
      far[i] = 0x1p20 + far[i] / 8;
    }
    Settings settings = new Settings(Window.square(1), Window.pool(2, 2), EPS, null, 0, 0);
    List<double[]> gradients = new ArrayList<>();
    for (DType type : List.of(DType.FLOAT64, DType.FLOAT32)) {
      Array one = Array.full(type, Shape.of(1), 1);
      Array x = Array.of(far, s).cast(type);
      ConvolutionBlock k = KERNELS.convolutionBlock();
      ConvolutionBlock.Inputs in =
          new ConvolutionBlock.Inputs(x, one.reshape(Shape.of(1, 1, 1, 1)), one, one, one);
      ConvolutionBlock.Result r = k.forward(in, settings, true);
      Array g = Array.full(type, r.y().shape(), 1);
      gradients.add(k.gradient(in, settings, r, g, false).gamma().toDoubleArray());
    }
    assertThat(gradients.get(1)[0]).isCloseTo(gradients.get(0)[0], within(1e-4));
  }

  private static void assertEqual(List<double[]> actual, List<double[]> expected, double error) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.size(); i++) {
      double largest = 1;
      for (double v : expected.get(i)) {
        largest = Double.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
      }
      for (int j = 0; j < expected.get(i).length; j++) {
        double e = expected.get(i)[j];
        if (Double.isFinite(e)) {
          assertThat(actual.get(i)[j]).as("%d, %d", i, j).isCloseTo(e, within(error * largest));
        } else {
          assertThat(actual.get(i)[j]).as("%d, %d", i, j).isEqualTo(Double.valueOf(e));
        }
      }
    }
  }

  private static Array random(SplittableRandom rng, int... dims) {
    Shape s = Shape.of(dims);
    return Array.of(rng.doubles(s.size(), -1.5, 1.5).toArray(), s);
  }

  /** Values of both ways: y, mean, variance, and the gradients of all inputs. */
  private static final class Inputs {
    private final DType type;
    private final Array x;
    private final Array bias;
    private final Array gamma;
    private final Array beta;
    private final SplittableRandom rng = new SplittableRandom(1);

    /** The same random numbers for both types, as float32 has them. */
    Inputs(DType type, double offset) {
      this.type = type;
      this.x = of(KERNELS.elementwise().affine(random(rng, 2, 3, 9, 11), 1, offset));
      this.bias = of(random(rng, CHANNELS));
      this.gamma = of(random(rng, CHANNELS));
      this.beta = of(random(rng, CHANNELS));
      gamma.write(2, new double[] {0}, 0, 1);
    }

    private Array of(Array a) {
      return a.cast(DType.FLOAT32).cast(type);
    }

    private Array weight(Window conv) {
      SplittableRandom own = new SplittableRandom(4);
      return of(random(own, CHANNELS, 3, conv.kH(), conv.kW()));
    }

    private Array g(Array y) {
      return of(random(new SplittableRandom(5), y.shape().dims()));
    }

    List<double[]> block(Settings s) {
      ConvolutionBlock k = KERNELS.convolutionBlock();
      assertThat(k.serves(s.conv(), s.pool())).isTrue();
      Array weight = weight(s.conv());
      ConvolutionBlock.Inputs in = new ConvolutionBlock.Inputs(x, weight, bias, gamma, beta);
      ConvolutionBlock.Result r = k.forward(in, s, true);
      ConvolutionBlock.Gradients d = k.gradient(in, s, r, g(r.y()), true);
      return all(
          r.y(),
          r.statistics().mean(),
          r.statistics().variance(),
          d.x(),
          d.weight(),
          d.bias(),
          d.gamma(),
          d.beta());
    }

    List<double[]> composed(Settings s) {
      Convolution convolution = KERNELS.convolution();
      Normalization normalization = KERNELS.normalization();
      Elementwise e = KERNELS.elementwise();
      Array weight = weight(s.conv());
      Array z = convolution.conv2d(x, weight, bias, s.conv(), 1);
      Statistics given = s.given();
      Normalization.Result n =
          given == null
              ? normalization.batchNorm(z, gamma, beta, EPS)
              : new Normalization.Result(
                  normalization.normalize(z, gamma, beta, given.mean(), given.variance(), EPS),
                  given.mean(),
                  given.variance());
      Array relu = e.relu(n.y());
      Array pooled = convolution.maxPool(relu, s.pool());
      Array y = e.dropout(pooled, s.p(), s.seed());
      Array gPooled = e.dropout(g(y), s.p(), s.seed());
      Array gRelu = convolution.maxPoolGradient(relu, pooled, gPooled, s.pool());
      Array gNorm = e.reluGradient(relu, gRelu);
      Array zero = Array.zeros(type, gamma.shape());
      Array one = Array.full(type, gamma.shape(), 1);
      Normalization.Gradients d =
          given == null
              ? normalization.batchNormGradient(z, gamma, n.mean(), n.variance(), EPS, gNorm)
              : new Normalization.Gradients(
                  normalization.normalize(gNorm, gamma, zero, zero, n.variance(), EPS),
                  perChannel(
                      e.mul(
                          gNorm,
                          normalization.normalize(z, one, zero, n.mean(), n.variance(), EPS))),
                  perChannel(gNorm));
      return all(
          y,
          n.mean(),
          n.variance(),
          convolution.inputGradient(d.x(), weight, x.shape(), s.conv(), 1),
          convolution.weightGradient(d.x(), x, weight.shape(), s.conv(), 1),
          perChannel(d.x()),
          d.gamma(),
          d.beta());
    }

    private static Array perChannel(Array a) {
      return KERNELS.elementwise().sum(a, 0, 2, 3);
    }

    private static List<double[]> all(@Nullable Array... arrays) {
      List<double[]> all = new ArrayList<>();
      for (Array a : arrays) {
        all.add(a.toDoubleArray());
      }
      return all;
    }
  }
}
