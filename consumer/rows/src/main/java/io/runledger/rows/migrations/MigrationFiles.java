package io.runledger.rows.migrations;

import io.runledger.schemas.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

/**
 * The migrations of a store. A database keeps their digest, so that one that has had them all is
 * opened without Flyway, which takes longer than all else about it.
 *
 * @param location their directory on the class path, as {@code a/b}
 * @param names their files
 */
public record MigrationFiles(String location, List<String> names) {

  /** The row of {@code projection_info} that has the digest. */
  public static final String PROPERTY = "migrations";

  public MigrationFiles {
    names = List.copyOf(names);
  }

  /** SHA-256 of their contents, one after the other, as 64 hexadecimal digits. */
  public String digest() {
    MessageDigest digest = Sha256.begin();
    for (String name : names) {
      digest.update(content(name));
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /**
   * The bytes of one.
   *
   * @throws IllegalStateException when there is no such file
   */
  public byte[] content(String name) {
    String resource = location + "/" + name;
    try (InputStream in = MigrationFiles.class.getClassLoader().getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("There is no migration " + resource + ".");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the migration " + resource + ".", e);
    }
  }
}
