package dev.cadenza.kernel;

import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door to the kernels. The choice between the portable and the SIMD set is made once, when this
 * class is first used, and logged with its reason; {@code -Dcadenza.kernels=portable|simd} decides
 * otherwise. The SIMD set serves float32, the portable one everything else.
 */
public final class Kernels {
  private static final Logger log = LoggerFactory.getLogger(Kernels.class);
  private static final String PROPERTY = "cadenza.kernels";
  private static final String VECTOR_MODULE = "jdk.incubator.vector";

  private static final KernelSet PORTABLE = new PortableKernels();
  private static final @Nullable SimdKernels SIMD = choose(System.getProperty(PROPERTY));

  private Kernels() {}

  /** The kernels for arrays of this type. */
  public static KernelSet of(DType type) {
    KernelSet simd = SIMD;
    return simd != null && type == DType.FLOAT32 ? simd : PORTABLE;
  }

  /** The kernels for arrays like this one. */
  public static KernelSet of(Array a) {
    return of(a.type());
  }

  /** The fused kernels for arrays of this type, or null if only the composed form runs. */
  public static @Nullable Fused fused(DType type) {
    SimdKernels simd = SIMD;
    return simd != null && type == DType.FLOAT32 ? simd.fused() : null;
  }

  /** The name of the set that serves float32: {@code simd} or {@code portable}. */
  public static String active() {
    return SIMD != null ? "simd" : "portable";
  }

  /** The portable set, which defines what every other computes. */
  static KernelSet portable() {
    return PORTABLE;
  }

  private static @Nullable SimdKernels choose(@Nullable String wish) {
    String choice = wish == null ? "auto" : wish.toLowerCase(Locale.ROOT);
    boolean module = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
    switch (choice) {
      case "portable" -> log.info("kernels: portable, as -D{} says", PROPERTY);
      case "auto", "simd" -> {
        if (module) {
          SimdKernels simd = new SimdKernels(PORTABLE);
          log.info("kernels: {}", simd);
          return simd;
        }
        if (choice.equals("simd")) {
          throw new IllegalStateException(
              String.format(
                  Locale.ROOT,
                  "-D%s=simd needs the JVM flag --add-modules %s",
                  PROPERTY,
                  VECTOR_MODULE));
        }
        log.warn(
            "kernels: portable; for full speed start the JVM with --add-modules {}", VECTOR_MODULE);
      }
      default ->
          throw new IllegalArgumentException(
              String.format(Locale.ROOT, "-D%s=%s: expected portable or simd", PROPERTY, wish));
    }
    return null;
  }
}
