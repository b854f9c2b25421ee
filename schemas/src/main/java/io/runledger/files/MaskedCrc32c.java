package io.runledger.files;

import java.util.zip.CRC32C;

/**
 * The checksum of TFRecord files: CRC32C, rotated and shifted, so that it may stand in what it is
 * of.
 */
public final class MaskedCrc32c {

  private static final int MASK = 0xa282ead8;
  private static final int ROTATION = 15;

  private MaskedCrc32c() {}

  /** Of some bytes of an array. */
  public static int of(byte[] bytes, int from, int length) {
    CRC32C castagnoli = new CRC32C();
    castagnoli.update(bytes, from, length);
    return Integer.rotateRight((int) castagnoli.getValue(), ROTATION) + MASK;
  }
}
