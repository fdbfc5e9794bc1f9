package dev.cadenza.kernel;

import org.nd4j.linalg.api.buffer.DataType;

/**
 * The kinds of numbers that an array holds. Networks run in float32; gradient checks in float64.
 */
public enum DType {
  FLOAT32(4, DataType.FLOAT),
  FLOAT64(8, DataType.DOUBLE);

  private final int bytes;
  private final DataType nd;

  DType(int bytes, DataType nd) {
    this.bytes = bytes;
    this.nd = nd;
  }

  /** Bytes an element takes. */
  public int bytes() {
    return bytes;
  }

  DataType nd() {
    return nd;
  }

  static DType of(DataType type) {
    for (DType t : values()) {
      if (t.nd == type) {
        return t;
      }
    }
    throw new IllegalArgumentException("array: ND4J type " + type + " is not FLOAT or DOUBLE");
  }
}
