package dev.cadenza.audio;

import dev.cadenza.audio.PcmCodec.Kind;
import java.nio.ByteOrder;

/** How {@link WavWriter} keeps a sample. */
public enum WavEncoding {
  /** 8 bits around 128. */
  PCM_U8(1, Kind.UNSIGNED, 1),
  /** 16-bit integers: what every program reads. */
  PCM_16(1, Kind.SIGNED, 2),
  /** 24-bit integers. */
  PCM_24(1, Kind.SIGNED, 3),
  /** 32-bit integers; a float sample fills 24 of the bits. */
  PCM_32(1, Kind.SIGNED, 4),
  /** 32-bit floating point: samples come back bit for bit, beyond full scale and NaN included. */
  FLOAT_32(3, Kind.FLOAT, 4),
  /** 64-bit floating point. */
  FLOAT_64(3, Kind.FLOAT, 8),
  /** ITU-T G.711 A-law, 8 bits. */
  A_LAW(6, Kind.A_LAW, 1),
  /** ITU-T G.711 mu-law, 8 bits. */
  MU_LAW(7, Kind.MU_LAW, 1);

  private final int tag;
  private final Kind kind;
  private final int bytes;

  WavEncoding(int tag, Kind kind, int bytes) {
    this.tag = tag;
    this.kind = kind;
    this.bytes = bytes;
  }

  /** The encoding's number in a {@code fmt } chunk. */
  int tag() {
    return tag;
  }

  /** Bytes that a sample takes. */
  int bytes() {
    return bytes;
  }

  PcmCodec codec() {
    return PcmCodec.of(kind, bytes, ByteOrder.LITTLE_ENDIAN);
  }
}
