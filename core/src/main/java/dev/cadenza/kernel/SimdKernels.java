package dev.cadenza.kernel;

/** Kernels by the Vector API for float32 on the host; what is not worth it stays portable. */
final class SimdKernels implements KernelSet {
  private final KernelSet portable;
  private final Matrix matrix = new SimdMatrix();
  private final Convolution convolution;
  private final Update update = new SimdUpdate();
  private final Fused fused = new SimdFused();

  SimdKernels(KernelSet portable) {
    this.portable = portable;
    this.convolution = new SimdConvolution(portable.convolution());
  }

  @Override
  public Elementwise elementwise() {
    return portable.elementwise();
  }

  @Override
  public Matrix matrix() {
    return matrix;
  }

  @Override
  public Convolution convolution() {
    return convolution;
  }

  @Override
  public Normalization normalization() {
    return portable.normalization();
  }

  @Override
  public Softmax softmax() {
    return portable.softmax();
  }

  @Override
  public Layout layout() {
    return portable.layout();
  }

  @Override
  public Update update() {
    return update;
  }

  /** The fused kernels of this set. */
  Fused fused() {
    return fused;
  }

  @Override
  public String toString() {
    return "simd, " + SimdProduct.LANES + " lanes";
  }
}
