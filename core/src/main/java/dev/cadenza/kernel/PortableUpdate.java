package dev.cadenza.kernel;

import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.ops.transforms.Transforms;

/** {@link Update} by ND4J operations. */
final class PortableUpdate implements Update {
  @Override
  public void sgd(Array parameter, Array gradient, @Nullable Array velocity, Sgd s) {
    INDArray p = parameter.nd();
    INDArray g = gradient.nd().dup('c');
    if (s.weightDecay() != 0) {
      g.addi(p.mul(s.weightDecay()));
    }
    if (velocity != null) {
      INDArray v = velocity.nd();
      if (s.first()) {
        v.assign(g);
      } else {
        v.muli(s.momentum()).addi(g.mul(1 - s.dampening()));
      }
      g = s.nesterov() ? g.addi(v.mul(s.momentum())) : v;
    }
    p.subi(g.mul(s.learningRate()));
  }

  @Override
  public void adam(Array parameter, Array gradient, Array mean, Array square, Adam s) {
    INDArray p = parameter.nd();
    INDArray g = gradient.nd().dup('c');
    if (s.decoupled()) {
      p.muli(1 - s.learningRate() * s.weightDecay());
    } else if (s.weightDecay() != 0) {
      g.addi(p.mul(s.weightDecay()));
    }
    INDArray m = mean.nd();
    INDArray v = square.nd();
    m.muli(s.beta1()).addi(g.mul(1 - s.beta1()));
    v.muli(s.beta2()).addi(g.mul(g).muli(1 - s.beta2()));
    double correction1 = 1 - Math.pow(s.beta1(), s.step());
    double correction2 = 1 - Math.pow(s.beta2(), s.step());
    INDArray denominator = Transforms.sqrt(v, true).divi(Math.sqrt(correction2)).addi(s.eps());
    p.subi(m.div(denominator).muli(s.learningRate() / correction1));
  }
}
