package dev.cadenza.audio;

/**
 * The checksums of FLAC blocks, the highest bit first: x^8 + x^2 + x + 1, x^16 + x^15 + x^2 + 1.
 */
final class FlacCrc {

  private static final int[] CRC8 = table(8, 0x07);
  private static final int[] CRC16 = table(16, 0x8005);

  private FlacCrc() {}

  static int crc8(byte[] bytes, int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc = CRC8[crc ^ (bytes[i] & 0xff)];
    }
    return crc;
  }

  static int crc16(byte[] bytes, int from, int to) {
    int crc = 0;
    for (int i = from; i < to; i++) {
      crc = ((crc << 8) & 0xffff) ^ CRC16[(crc >>> 8) ^ (bytes[i] & 0xff)];
    }
    return crc;
  }

  private static int[] table(int bits, int polynomial) {
    int[] table = new int[256];
    for (int i = 0; i < 256; i++) {
      int crc = i << (bits - 8);
      for (int k = 0; k < 8; k++) {
        boolean carry = ((crc >>> (bits - 1)) & 1) == 1;
        crc = ((crc << 1) ^ (carry ? polynomial : 0)) & ((1 << bits) - 1);
      }
      table[i] = crc;
    }
    return table;
  }
}
