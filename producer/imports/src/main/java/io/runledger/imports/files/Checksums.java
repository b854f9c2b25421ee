package io.runledger.imports.files;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** The checksums of records of others. Not thread-safe. */
final class Checksums {

  private static final int MASK = 0xa282ead8;

  private final CRC32C castagnoli = new CRC32C();
  private final CRC32 plain = new CRC32();

  /** CRC32C, rotated and shifted, as it stands in a TFRecord. */
  int masked(byte[] bytes, int from, int length) {
    castagnoli.reset();
    castagnoli.update(bytes, from, length);
    int crc = (int) castagnoli.getValue();
    return Integer.rotateRight(crc, 15) + MASK;
  }

  /** CRC32 over a type and the bytes, as it stands in a log of W&amp;B. */
  int plain(int type, byte[] bytes, int from, int length) {
    plain.reset();
    plain.update(type);
    plain.update(bytes, from, length);
    return (int) plain.getValue();
  }
}
