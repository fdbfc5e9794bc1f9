package dev.cadenza.kernel;

/** A complete set of kernels: one implementation of every family. */
public interface KernelSet {
  Elementwise elementwise();

  Matrix matrix();

  Convolution convolution();

  ConvolutionBlock convolutionBlock();

  Normalization normalization();

  Softmax softmax();

  Layout layout();

  Update update();
}
