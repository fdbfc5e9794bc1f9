package dev.cadenza.audio.dsp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernel of this process, chosen once; {@code -Dcadenza.kernels=portable|simd} overrides. */
final class Kernels {
  static final LaneKernel LANES = choose();

  private Kernels() {}

  private static LaneKernel choose() {
    Logger log = LoggerFactory.getLogger(Kernels.class);
    String asked = System.getProperty("cadenza.kernels", "");
    if (asked.equals("portable")) {
      log.info("audio kernels: portable, as asked by -Dcadenza.kernels");
      return new PortableKernel();
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      log.info("audio kernels: simd");
      return new VectorKernel();
    }
    if (asked.equals("simd")) {
      throw new IllegalStateException(
          "audio kernels: simd was asked by -Dcadenza.kernels and needs --add-modules"
              + " jdk.incubator.vector");
    }
    log.info("audio kernels: portable; --add-modules jdk.incubator.vector makes them faster");
    return new PortableKernel();
  }
}
