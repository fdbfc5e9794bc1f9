package dev.cadenza.audio.dsp;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The kernels of this process, chosen once; {@code -Dcadenza.kernels=portable|simd} overrides. */
final class Kernels {
  private static final boolean SIMD = chooseSimd();

  /** What the transforms and powers of some 3 s go through. */
  private static final int FIRST_CLIP = 350_000;

  static final LaneKernel LANES = SIMD ? new VectorKernel(FIRST_CLIP) : new PortableKernel();
  static final ResampleKernel RESAMPLING =
      SIMD ? new VectorResampleKernel() : new PortableResampleKernel();

  private Kernels() {}

  private static boolean chooseSimd() {
    Logger log = LoggerFactory.getLogger(Kernels.class);
    String asked = System.getProperty("cadenza.kernels", "");
    if (asked.equals("portable")) {
      log.info("audio kernels: portable, as asked by -Dcadenza.kernels");
      return false;
    }
    if (ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent()) {
      log.info("audio kernels: simd");
      return true;
    }
    if (asked.equals("simd")) {
      throw new IllegalStateException(
          "audio kernels: simd was asked by -Dcadenza.kernels and needs --add-modules"
              + " jdk.incubator.vector");
    }
    log.info("audio kernels: portable; --add-modules jdk.incubator.vector makes them faster");
    return false;
  }
}
