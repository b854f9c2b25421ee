package io.runledger.query.connection.sqlite;

import io.runledger.config.DatabaseFile;
import io.runledger.query.failure.LedgerNotFoundException;
import io.runledger.query.failure.LedgerUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** Finds the file behind the path that users name: a rebuild swaps it at any moment. */
final class Generations {

  /** Between reading the link and looking at its target a swap may take place, hardly thrice. */
  private static final int ATTEMPTS = 5;

  /**
   * The file in use.
   *
   * @param path its real path
   * @param identity device and inode: distinguishes a new file of the same name
   */
  record Target(Path path, Object identity) {}

  private Generations() {}

  static Target current(Path database) {
    IOException last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        Path real = database.toRealPath();
        BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
        if (attributes.isDirectory()) {
          throw new LedgerNotFoundException(
              database + " is a directory; specify the database file in it.");
        }
        if (!attributes.isRegularFile()) {
          // Opening a pipe would wait for whoever writes into it.
          throw new LedgerNotFoundException(
              database + " is not a regular file; specify a database with --db.");
        }
        return new Target(real, String.valueOf(attributes.fileKey()));
      } catch (NoSuchFileException e) {
        if (!Files.exists(database, LinkOption.NOFOLLOW_LINKS)) {
          throw new LedgerNotFoundException(DatabaseFile.absent(database));
        }
        last = e;
      } catch (IOException e) {
        throw new LedgerUnavailableException(
            "The database %s cannot be reached: %s.".formatted(database, e), e);
      }
    }
    throw new LedgerUnavailableException(
        "The database %s is a link to a missing file; run 'runledger rebuild' to build it again."
            .formatted(database),
        last);
  }
}
