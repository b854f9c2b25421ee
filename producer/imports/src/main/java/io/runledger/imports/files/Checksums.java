package io.runledger.imports.files;

import java.util.zip.CRC32;

/** The checksums of records of W&amp;B. Not thread-safe. */
final class Checksums {

  private final CRC32 plain = new CRC32();

  /** CRC32 over a type and the bytes, as it stands in a log of W&amp;B. */
  int plain(int type, byte[] bytes, int from, int length) {
    plain.reset();
    plain.update(type);
    plain.update(bytes, from, length);
    return (int) plain.getValue();
  }
}
