package io.runledger.fold;

import io.runledger.schemas.Sha256;
import io.runledger.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** What names an event for good: its stream and its number in it. */
public record EventKey(StreamKey stream, long seq) {

  /** The events of one writer in one topic. */
  public record StreamKey(long runId, long attemptId, long writerId, Topics topic) {}

  /**
   * A positive 63-bit number that follows from the event alone, for ids that people may keep: the
   * first 8 bytes of the SHA-256 of topic, run, attempt, writer and seq.
   */
  public long id() {
    MessageDigest sha256 = Sha256.begin();
    sha256.update(stream.topic().streamName().getBytes(StandardCharsets.US_ASCII));
    ByteBuffer numbers =
        ByteBuffer.allocate(4 * Long.BYTES)
            .putLong(stream.runId())
            .putLong(stream.attemptId())
            .putLong(stream.writerId())
            .putLong(seq);
    long id = ByteBuffer.wrap(sha256.digest(numbers.array())).getLong() & Long.MAX_VALUE;
    return id == 0 ? 1 : id;
  }
}
