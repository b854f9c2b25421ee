package io.runledger.spool.lines;

import io.runledger.schemas.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.UUID;

/**
 * Ids that follow from a line and the name of its file, so that every reader derives the same ones:
 * SHA-256 of a domain, the name and the line. Computed on first use.
 */
final class LineDigest {

  private static final byte[] DOMAIN = "runledger.line.v1\0".getBytes(StandardCharsets.US_ASCII);
  private static final int RANDOM_BITS = 21;

  private final String fileName;
  private final byte[] line;

  LineDigest(String fileName, byte[] line) {
    this.fileName = fileName;
    this.line = line;
  }

  private ByteBuffer digest() {
    MessageDigest sha256 = Sha256.begin();
    sha256.update(DOMAIN);
    sha256.update(fileName.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) '\n');
    return ByteBuffer.wrap(sha256.digest(line));
  }

  /** An id of an attempt or a writer, ordered by the line's time as others are. */
  long id(Instant at) {
    long id =
        (at.toEpochMilli() << RANDOM_BITS) | (digest().getLong() >>> (Long.SIZE - RANDOM_BITS));
    return Math.max(1, id & Long.MAX_VALUE);
  }

  /** What makes a run without a key a separate one. */
  UUID uuid() {
    ByteBuffer bytes = digest();
    long high = (bytes.getLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L;
    long low = (bytes.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }
}
