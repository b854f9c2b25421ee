package io.runledger.imports.lines;

import io.runledger.schemas.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * Ids that follow from a source alone, never from when it was imported: parts of the SHA-256 of a
 * domain and texts, each ended by a zero byte.
 *
 * <pre>
 * instance  the first 16 bytes, marked as a UUID of version 8
 * attempt   milliseconds of the source's start << 21 | the first 21 bits; 1 << 21 where it has none
 * writer    rank << 59 | block << 39 | the first 39 bits
 * </pre>
 */
final class SourceDigest {

  private static final int TIME_SHIFT = 21;
  private static final int RANK_SHIFT = 59;
  private static final int BLOCK_SHIFT = 39;

  /** Blocks of a stream: 50 thousand million rows. */
  static final long MOST_BLOCKS = 1L << (RANK_SHIFT - BLOCK_SHIFT);

  private final byte[] hash;

  private SourceDigest(byte[] hash) {
    this.hash = hash;
  }

  static SourceDigest of(String domain, String... texts) {
    MessageDigest sha256 = Sha256.begin();
    sha256.update(domain.getBytes(StandardCharsets.UTF_8));
    sha256.update((byte) 0);
    for (String text : texts) {
      sha256.update(text.getBytes(StandardCharsets.UTF_8));
      sha256.update((byte) 0);
    }
    return new SourceDigest(sha256.digest());
  }

  UUID instance() {
    ByteBuffer bytes = ByteBuffer.wrap(hash);
    long high = (bytes.getLong() & 0xffff_ffff_ffff_0fffL) | 0x8000L;
    long low = (bytes.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /**
   * An id of an attempt, ordered by time where the source knows when it began.
   *
   * @param started a time that is the same whenever the source is imported
   */
  long attempt(Optional<Instant> started) {
    long millis = Math.max(1, started.map(Instant::toEpochMilli).orElse(1L));
    return (millis << TIME_SHIFT | firstBits(TIME_SHIFT)) & Long.MAX_VALUE;
  }

  /** An id of a writer: of two writers of an attempt, the later word is that of the higher one. */
  long writer(WriterRank rank, long block) {
    return rank.bits() << RANK_SHIFT | block << BLOCK_SHIFT | firstBits(BLOCK_SHIFT);
  }

  private long firstBits(int bits) {
    return ByteBuffer.wrap(hash).getLong() >>> (Long.SIZE - bits);
  }
}
