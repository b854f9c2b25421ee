package io.runledger.service.rebuild;

import io.runledger.files.HeldLocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Optional;

/** The right to build a new generation of one database; it ends with the process at the latest. */
final class RebuildLock implements AutoCloseable {

  private final HeldLocks.Held lock;

  private RebuildLock(HeldLocks.Held lock) {
    this.lock = lock;
  }

  /**
   * Takes the lock.
   *
   * @throws RebuildRunningException when another rebuild of this database is at work
   */
  static RebuildLock take(Path database) {
    Path file = database.resolveSibling(database.getFileName() + ".rebuild.lock");
    try {
      Optional<HeldLocks.Held> lock = HeldLocks.take(file);
      return new RebuildLock(
          lock.orElseThrow(
              () ->
                  new RebuildRunningException(
                      "Another rebuild of %s is at work; wait for its end, or stop it."
                          .formatted(database))));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "The lock file %s cannot be made: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Two rebuilds of one database would clear away each other's files. */
  static final class RebuildRunningException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RebuildRunningException(String sentence) {
      super(sentence);
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new UncheckedIOException("The rebuild lock cannot be released.", e);
    }
  }
}
