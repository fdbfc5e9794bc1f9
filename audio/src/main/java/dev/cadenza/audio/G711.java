package dev.cadenza.audio;

/** ITU-T G.711: logarithmic 8-bit samples as telephones use them. */
public final class G711 {

  /** Sample of each A-law byte, full scale at 1 (13 significant bits). */
  static final float[] A_LAW = new float[256];

  /** Sample of each mu-law byte, full scale at 1 (14 significant bits). */
  static final float[] MU_LAW = new float[256];

  static {
    for (int i = 0; i < 256; i++) {
      A_LAW[i] = decodeALaw(i) * 0x1p-15f;
      MU_LAW[i] = decodeMuLaw(i) * 0x1p-15f;
    }
  }

  private G711() {}

  /**
   * A sample coded and decoded by mu-law: what it is after writing and reading a mu-law file.
   *
   * @param sample full scale at 1; beyond it is clipped
   */
  public static float throughMuLaw(float sample) {
    return MU_LAW[encodeMuLaw(PcmCodec.integer(sample, 0x1p15)) & 0xff];
  }

  /** 16-bit value. Even bits are inverted on the wire; a set sign bit means positive. */
  private static int decodeALaw(int wire) {
    int code = wire ^ 0x55;
    int exponent = code >> 4 & 7;
    int mantissa = (code & 15) << 4 | 8;
    int magnitude = exponent == 0 ? mantissa : (mantissa | 0x100) << (exponent - 1);
    return (code & 0x80) != 0 ? magnitude : -magnitude;
  }

  /** 16-bit value. All bits are inverted on the wire; magnitudes carry a bias of 33 (times 4). */
  private static int decodeMuLaw(int wire) {
    int code = ~wire;
    int exponent = code >> 4 & 7;
    int magnitude = (((code & 15) << 3 | 0x84) << exponent) - 0x84;
    return (code & 0x80) != 0 ? -magnitude : magnitude;
  }

  /** The byte whose interval holds a 16-bit sample. */
  static byte encodeALaw(int sample) {
    int magnitude = (sample < 0 ? ~sample : sample) >> 4;
    int exponent = Math.max(0, 28 - Integer.numberOfLeadingZeros(magnitude));
    int mantissa = magnitude >> Math.max(0, exponent - 1) & 15;
    return (byte) (((sample < 0 ? 0 : 0x80) | exponent << 4 | mantissa) ^ 0x55);
  }

  /** The byte whose interval holds a 16-bit sample, which G.711 first cuts down to 14 bits. */
  static byte encodeMuLaw(int sample) {
    int biased = Math.min(Math.abs(sample >> 2), 8158) + 33;
    int exponent = 26 - Integer.numberOfLeadingZeros(biased);
    int mantissa = biased >> (exponent + 1) & 15;
    return (byte) ~((sample < 0 ? 0x80 : 0) | exponent << 4 | mantissa);
  }
}
