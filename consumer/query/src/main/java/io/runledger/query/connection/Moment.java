package io.runledger.query.connection;

import io.runledger.query.failure.LedgerUnavailableException;
import java.sql.SQLException;
import java.time.Duration;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * A connection in one transaction, so that all that it reads is of the moment at which it was made.
 * Thread-safe: one reading at a time, others wait for it.
 *
 * <p>While it is open, the writer cannot shorten its write-ahead log. It is therefore ended when it
 * is asked after its time; one that is neither asked nor closed holds the log.
 */
public final class Moment implements AutoCloseable {

  private final ReadConnections connections;
  private final ReadConnection connection;
  private final Handle handle;
  private final Duration longest;
  private final long deadlineNanos;
  private boolean closed;

  Moment(ReadConnections connections, ReadConnection connection, Duration longest)
      throws SQLException {
    this.connections = connections;
    this.connection = connection;
    this.longest = longest;
    this.deadlineNanos = System.nanoTime() + longest.toNanos();
    this.handle = connection.jdbi().open();
    try {
      handle.begin();
      // SQLite settles on a state with the first page that it reads, and not before.
      handle.createQuery("SELECT count(*) FROM projection_info").mapTo(Long.class).one();
    } catch (JdbiException e) {
      throw ReadConnections.cause(e);
    }
  }

  /**
   * Reads as of this moment.
   *
   * @throws LedgerUnavailableException when it has lasted too long, and is ended with that
   */
  public synchronized <T> T read(ReadConnections.Reading<T> reading) {
    if (closed) {
      throw new IllegalStateException("The snapshot was closed.");
    }
    long left = deadlineNanos - System.nanoTime();
    if (left <= 0) {
      close();
      throw new LedgerUnavailableException(
          "The snapshot was ended after %d ms, so that the write-ahead log of the database can shrink; take another one, or run long reads without a snapshot."
              .formatted(longest.toMillis()));
    }
    connection.allow(Duration.ofNanos(Math.min(left, connections.limit().toNanos())));
    try {
      return reading.from(handle);
    } catch (JdbiException e) {
      throw connections.unavailable(ReadConnections.cause(e));
    } catch (SQLException e) {
      throw connections.unavailable(e);
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      handle.rollback();
      handle.close();
    } catch (JdbiException e) {
      connection.close();
      throw connections.unavailable(ReadConnections.cause(e));
    }
    connections.giveBack(connection);
  }
}
