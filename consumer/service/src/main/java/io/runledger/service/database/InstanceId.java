package io.runledger.service.database;

import io.runledger.fold.projection.ProjectionLocation;
import io.runledger.schemas.Sha256;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Names the service of one database to its consumer group: the same after every restart, and
 * different for every other database or machine.
 */
public final class InstanceId {

  private InstanceId() {}

  public static String of(ProjectionLocation database) {
    return host() + "-" + hash(database.identity());
  }

  /** Names one of several services of a database, for as long as it runs. */
  public static String random() {
    byte[] random = new byte[4];
    new SecureRandom().nextBytes(random);
    return host() + "-" + HexFormat.of().formatHex(random);
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName().replaceAll("[^A-Za-z0-9._-]", "-");
    } catch (UnknownHostException e) {
      // A host that does not resolve its own name: the path alone still distinguishes databases.
      return "localhost";
    }
  }

  private static String hash(String identity) {
    return Sha256.hex(identity, 6);
  }
}
