package io.runledger.sqlite.file;

import io.runledger.files.HeldLocks;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The right to write a database: a lock on a file next to it that names its holder. The operating
 * system gives it back when the process ends, however it ends.
 */
public final class WriterLock implements AutoCloseable {

  private final HeldLocks.Held lock;

  private WriterLock(HeldLocks.Held lock) {
    this.lock = lock;
  }

  /**
   * Takes the lock next to {@code database}.
   *
   * @throws ProjectionInUseException when somebody else has it
   */
  public static WriterLock take(Path database) {
    Path file = database.resolveSibling(database.getFileName() + ".lock");
    try {
      Optional<HeldLocks.Held> lock = HeldLocks.takeByName(file);
      if (lock.isEmpty()) {
        throw new ProjectionInUseException(
            "%s is being written by process %s, and only one writer is allowed: stop that process, or use another database."
                .formatted(database, HeldLocks.holder(file)));
      }
      return new WriterLock(lock.get());
    } catch (IOException e) {
      throw new ProjectionUnavailableException("Cannot lock " + file + ": " + e + ".", e);
    }
  }

  /** Gives the right back; the file stays, because removing it would race with the next holder. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new ProjectionUnavailableException("Cannot release the writer lock: " + e + ".", e);
    }
  }
}
