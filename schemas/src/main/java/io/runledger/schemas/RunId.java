package io.runledger.schemas;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.UUID;

/**
 * Id of a run: a positive 63-bit integer that follows from the run's name alone, so that the
 * producer knows it without asking and every rebuild gives the same one.
 *
 * <p>It is the first 8 bytes (big-endian, sign bit cleared) of the SHA-256 of a domain and the
 * canonical encoding of the name; 0 becomes 1. People see it as 13 characters of Crockford's base
 * 32 in lower case. {@code deploy/docs/run-id.md} has the bytes and test vectors.
 *
 * @param value the number, 1 to 2^63-1
 */
public record RunId(long value) implements Comparable<RunId> {

  private static final String KEY_DOMAIN = "runledger.run-key.v1";
  private static final String INSTANCE_DOMAIN = "runledger.run-instance.v1";

  public RunId {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "A run_id must be between 1 and 2^63-1, not " + value + ".");
    }
  }

  /** The id of the run with this key. */
  public static RunId of(RunKey key) {
    return hash(KEY_DOMAIN, key.canonicalEncoding());
  }

  /**
   * The id of a run without a key: {@code instance} makes it unique, even where project and name
   * are those of another.
   */
  public static RunId ofInstance(String project, String name, UUID instance) {
    byte[] projectUtf8 = WellFormedText.of(project).getBytes(StandardCharsets.UTF_8);
    byte[] nameUtf8 = WellFormedText.of(name).getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(4 + projectUtf8.length + 4 + nameUtf8.length + 16)
            .putInt(projectUtf8.length)
            .put(projectUtf8)
            .putInt(nameUtf8.length)
            .put(nameUtf8)
            .putLong(instance.getMostSignificantBits())
            .putLong(instance.getLeastSignificantBits());
    return hash(INSTANCE_DOMAIN, bytes.array());
  }

  /**
   * Reads the 13 characters that {@link #toString()} writes; upper case is taken too.
   *
   * @throws IllegalArgumentException when the text is not such an id
   */
  public static RunId parse(String text) {
    return new RunId(Base32.decode(text));
  }

  @Override
  public int compareTo(RunId other) {
    return Long.compare(value, other.value);
  }

  /** The id as people see it and as Kafka's record key: 13 characters of base 32. */
  @Override
  public String toString() {
    return Base32.encode(value);
  }

  private static RunId hash(String domain, byte[] encoding) {
    MessageDigest sha256 = Sha256.begin();
    sha256.update(domain.getBytes(StandardCharsets.US_ASCII));
    sha256.update((byte) 0);
    long value = ByteBuffer.wrap(sha256.digest(encoding)).getLong() & Long.MAX_VALUE;
    return new RunId(value == 0 ? 1 : value);
  }
}
