package io.runledger.fold;

import io.runledger.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** What names an event for good: its stream and its number in it. */
public record EventKey(StreamKey stream, long seq) {

  /** The events of one writer in one topic. */
  public record StreamKey(long runId, long attemptId, long writerId, Topics topic) {}

  /**
   * A positive 63-bit number that follows from the event alone, for ids that people may keep: the
   * first 8 bytes of the SHA-256 of topic, run, attempt, writer and seq.
   */
  public long id() {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      sha256.update(stream.topic().streamName().getBytes(StandardCharsets.US_ASCII));
      ByteBuffer numbers =
          ByteBuffer.allocate(4 * Long.BYTES)
              .putLong(stream.runId())
              .putLong(stream.attemptId())
              .putLong(stream.writerId())
              .putLong(seq);
      long id = ByteBuffer.wrap(sha256.digest(numbers.array())).getLong() & Long.MAX_VALUE;
      return id == 0 ? 1 : id;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
