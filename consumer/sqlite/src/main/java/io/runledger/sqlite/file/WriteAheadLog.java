package io.runledger.sqlite.file;

import io.runledger.fold.projection.ProjectionUnavailableException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The log that commits are written to before they reach the file. SQLite moves nothing of it by
 * itself here, so that a failure to do so has a name. Belongs to the writer's connection; not
 * thread-safe.
 */
public final class WriteAheadLog {

  /** Pages are moved into the file when more than this many bytes of them are waiting. */
  private static final long MOVED_FROM_BYTES = 16L << 20;

  /** SQLite's default, which no file of ours changes. */
  private static final int PAGE_BYTES = 4_096;

  private final Connection connection;
  private final Path file;

  public WriteAheadLog(Connection connection, Path file) {
    this.connection = connection;
    this.file = file;
  }

  /** Its length on disk, 0 when there is none. */
  public long bytes() {
    return Path.of(file + "-wal").toFile().length();
  }

  /**
   * Moves into the file what no reader needs, when much waits to be moved.
   *
   * @return whether no more waits now than may
   */
  public boolean moveWhenLong() throws SQLException {
    // Waits for no reader: what one still needs stays in the log, and the next call tries again.
    // The length of the log on disk would not show it: it does not shrink when the log starts over.
    long waiting = (long) Database.checkpoint(connection, "NOOP").waitingPages() * PAGE_BYTES;
    return waiting <= MOVED_FROM_BYTES || Database.checkpoint(connection, "PASSIVE").isWhole();
  }

  /**
   * Empties it and cuts it, unless a reader needs it.
   *
   * @return whether it is empty now
   */
  public boolean emptyIfNobodyReads() throws SQLException {
    // The usual time limit would hold up the writer for a reader that may stay for hours.
    Database.execute(connection, "PRAGMA busy_timeout = 0");
    try {
      return Database.checkpoint(connection, "TRUNCATE").isWhole();
    } finally {
      Database.execute(connection, "PRAGMA busy_timeout = " + Database.BUSY_TIMEOUT_MILLIS);
    }
  }

  /**
   * Empties it.
   *
   * @throws ProjectionUnavailableException when another process has the file open
   */
  public boolean empty() throws SQLException {
    if (!Database.checkpoint(connection, "TRUNCATE").isWhole()) {
      throw new ProjectionUnavailableException(
          "The new database %s is in use by another process; end that process and try again."
              .formatted(file));
    }
    return true;
  }
}
