package io.runledger.service.database;

import io.runledger.files.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names the service of one database to its consumer group: the same after every restart, and
 * different for every other database or machine.
 */
public final class InstanceId {

  private InstanceId() {}

  public static String of(Path database) {
    return host().replaceAll("[^A-Za-z0-9._-]", "-") + "-" + hash(place(database));
  }

  /**
   * The database's path with its directory, which is made, as it really is. The last name is kept:
   * it is a link, and what lies behind it changes.
   */
  public static Path place(Path database) {
    Path absolute = database.toAbsolutePath().normalize();
    Path directory = absolute.getParent();
    try {
      Files.createDirectories(directory, PrivateFiles.DIRECTORY);
      return directory.toRealPath().resolve(absolute.getFileName());
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The directory %s of the database cannot be made or read: %s"
              .formatted(directory, e.getMessage()),
          e);
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      // A host that does not resolve its own name: the path alone still tells databases apart.
      return "localhost";
    }
  }

  private static String hash(Path path) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(path.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256.", e);
    }
  }
}
