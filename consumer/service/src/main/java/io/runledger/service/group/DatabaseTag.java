package io.runledger.service.group;

import io.runledger.schemas.Sha256;
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
    return new DatabaseTag(PREFIX + Sha256.hex(fingerprint, BYTES));
  }

  /** Whether a client id says that it is of a member that fills another database. */
  public boolean isOfAnother(String otherClientId) {
    return FORM.matcher(otherClientId).matches() && !otherClientId.equals(clientId);
  }
}
