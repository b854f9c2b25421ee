package io.runledger.query.connection;

import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * One connection that is kept, without a transaction between two questions, to see whether the
 * database changes. Opened again when the users' path names another file. Not thread-safe.
 */
public final class HeldConnection implements AutoCloseable {

  private final ReadConnections connections;
  private Optional<ReadConnection> held = Optional.empty();
  private long generations;

  HeldConnection(ReadConnections connections) {
    this.connections = connections;
  }

  /**
   * Reads, outside of any transaction where it asks one statement.
   *
   * @throws io.runledger.query.failure.LedgerException when the database cannot be read
   */
  public <T> T read(ReadConnections.Reading<T> reading) {
    Generations.Target current = connections.current();
    try {
      if (held.isPresent() && !held.get().reads(current)) {
        close();
      }
      if (held.isEmpty()) {
        held = Optional.of(ReadConnection.open(current));
        generations++;
      }
      ReadConnection connection = held.get();
      connection.allow(connections.limit());
      try (Handle handle = connection.jdbi().open()) {
        return reading.from(handle);
      }
    } catch (JdbiException e) {
      close();
      throw connections.unavailable(ReadConnections.cause(e));
    } catch (SQLException e) {
      close();
      throw connections.unavailable(e);
    }
  }

  /** How many files it has been opened to. */
  public long generations() {
    return generations;
  }

  @Override
  public void close() {
    Optional<ReadConnection> last = held;
    held = Optional.empty();
    last.ifPresent(ReadConnection::close);
  }
}
