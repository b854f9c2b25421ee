package io.runledger.service.group;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The client id of a member of a group, which says which database it fills: members that fill
 * another one must not take partitions from these.
 *
 * @param clientId as the brokers tell it to whoever asks for the members of the group
 */
public record DatabaseTag(String clientId) {

  private static final String PREFIX = "runledger-fills-";
  private static final int BYTES = 6;
  private static final Pattern FORM = Pattern.compile(PREFIX + "[0-9a-f]{" + 2 * BYTES + "}");

  /** Of the database with this fingerprint. */
  public static DatabaseTag of(String fingerprint) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(fingerprint.getBytes(StandardCharsets.UTF_8));
      return new DatabaseTag(PREFIX + HexFormat.of().formatHex(digest, 0, BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }

  /** Whether a client id says that it is of a member that fills another database. */
  public boolean isOfAnother(String otherClientId) {
    return FORM.matcher(otherClientId).matches() && !otherClientId.equals(clientId);
  }
}
