package io.runledger.sqlite;

import io.runledger.files.HeldLocks;
import io.runledger.files.PrivateFiles;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.Replacement;
import io.runledger.fold.projection.ReplacementRunningException;
import io.runledger.sqlite.file.Generation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The next generation of a database. Not thread-safe. */
final class SqliteReplacement implements Replacement {

  private final Path database;
  private final HeldLocks.Held lock;
  private final Generation generation;
  private boolean published;

  private SqliteReplacement(Path database, HeldLocks.Held lock) {
    this.database = database;
    this.lock = lock;
    // What a killed rebuild left: nobody else makes generations while the lock is held.
    Generation.deleteOthers(database);
    generation = Generation.next(database);
  }

  static SqliteReplacement begin(SqliteLocation location) {
    Path file = location.companion(".rebuild.lock");
    try {
      Files.createDirectories(file.getParent(), PrivateFiles.DIRECTORY);
      HeldLocks.Held lock =
          HeldLocks.take(file)
              .orElseThrow(
                  () ->
                      new ReplacementRunningException(
                          "Another rebuild of %s is running; wait until it ends, or stop it."
                              .formatted(location)));
      return new SqliteReplacement(location.database(), lock);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The lock file %s cannot be created: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public Projection open() {
    return SqliteProjection.create(generation);
  }

  @Override
  public void publish() {
    generation.publish();
    published = true;
  }

  @Override
  public void close() {
    if (!published) {
      // What is not whole is of no use, and may be what fills the disk.
      generation.delete();
    }
    Generation.deleteOthers(database);
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The rebuild lock cannot be released.", e);
    }
  }
}
