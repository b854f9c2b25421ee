package io.runledger.spool.study;

import io.runledger.schemas.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.function.LongConsumer;

/** SHA-256 of files, in hexadecimal digits. */
final class Digests {

  /** Characters of a digest. */
  static final int LENGTH = 2 * Sha256.BYTES;

  private static final int BUFFER = 1 << 16;

  private Digests() {}

  /** Of the first bytes of a file. */
  static String of(Path file, long bytes, LongConsumer progress) throws IOException {
    MessageDigest digest = Sha256.begin();
    byte[] buffer = new byte[BUFFER];
    long left = bytes;
    try (InputStream in = Files.newInputStream(file)) {
      while (left > 0) {
        int read = in.read(buffer, 0, (int) Math.min(left, buffer.length));
        if (read < 0) {
          throw new IOException(file + " became shorter while it was read; read it again.");
        }
        digest.update(buffer, 0, read);
        left -= read;
        progress.accept(read);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
