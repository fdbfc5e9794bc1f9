package dev.cadenza.kernel;

import org.nd4j.linalg.factory.Nd4j;

/** Kernels made of ND4J operations and BLAS: every data type, every ND4J backend. */
final class PortableKernels implements KernelSet {
  private final Elementwise elementwise = new PortableElementwise();
  private final Layout layout = new PortableLayout();
  private final Matrix matrix = new PortableMatrix(layout);
  private final Convolution convolution = new PortableConvolution(layout);
  private final ConvolutionBlock convolutionBlock = new PortableConvolutionBlock(convolution);
  private final Normalization normalization = new PortableNormalization();
  private final Softmax softmax = new PortableSoftmax();
  private final Update update = new PortableUpdate();

  /**
   * Keeps ND4J's native operations and BLAS to the calling thread: their own threads wait by
   * spinning, which costs milliseconds an operation on cores that are shared, and {@link Threads}
   * is the one pool.
   */
  PortableKernels() {
    Nd4j.getEnvironment().setMaxMasterThreads(1);
    Nd4j.getEnvironment().setMaxThreads(1);
    Nd4j.factory().blas().setMaxThreads(1);
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
}
