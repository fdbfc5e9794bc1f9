package dev.cadenza.audio;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;

class G711Test {

  /** Checksums of {@code alaw2lin} and {@code ulaw2lin} over all bytes in Python's audioop. */
  @Test
  void decodesAllBytesAsPythonDoes() {
    assertThat(crcOfShorts(G711.A_LAW)).isEqualTo(2641774167L);
    assertThat(crcOfShorts(G711.MU_LAW)).isEqualTo(210008735L);
  }

  /** Checksums of {@code lin2alaw} and {@code lin2ulaw} over all samples, -32768 first. */
  @Test
  void encodesAllSamplesAsPythonDoes() {
    byte[] aLaw = new byte[65536];
    byte[] muLaw = new byte[65536];
    for (int i = 0; i < 65536; i++) {
      aLaw[i] = G711.encodeALaw(i - 32768);
      muLaw[i] = G711.encodeMuLaw(i - 32768);
    }

    assertThat(crc(aLaw)).isEqualTo(2436069742L);
    assertThat(crc(muLaw)).isEqualTo(997997118L);
  }

  private static long crcOfShorts(float[] table) {
    ByteBuffer b = ByteBuffer.allocate(2 * table.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : table) {
      b.putShort((short) (value * 32768));
    }
    return crc(b.array());
  }

  private static long crc(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return crc.getValue();
  }
}
