package dev.cadenza.kernel;

/** Kernels by the Vector API for float32 on the host; what is not worth it stays portable. */
final class SimdKernels implements KernelSet {
  private final Matrix matrix = new SimdMatrix();
  private final Convolution convolution;
  private final ConvolutionBlock convolutionBlock = new SimdConvolutionBlock();
  private final Layout layout;
  private final Update update = new SimdUpdate();
  private final Elementwise elementwise;
  private final Normalization normalization = new SimdNormalization();
  private final Softmax softmax;
  private final Fused fused = new SimdFused();

  SimdKernels(KernelSet portable) {
    this.layout = new SimdLayout(portable.layout());
    this.elementwise = new SimdElementwise(portable.elementwise());
    this.softmax = new SimdSoftmax(portable.softmax());
    this.convolution = new SimdConvolution(portable.convolution());
  }

  @Override
  public Elementwise elementwise() {
    return elementwise;
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
  public ConvolutionBlock convolutionBlock() {
    return convolutionBlock;
  }

  @Override
  public Normalization normalization() {
    return normalization;
  }

  @Override
  public Softmax softmax() {
    return softmax;
  }

  @Override
  public Layout layout() {
    return layout;
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
