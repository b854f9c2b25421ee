package io.runledger.query.connection.sqlite;

import io.runledger.query.connection.JdbiFailures;
import io.runledger.query.connection.LedgerSource.Reading;
import io.runledger.query.connection.WatchingConnection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/** Watches the file that the users' path names. */
final class SqliteWatching implements WatchingConnection {

  private final SqliteSource connections;
  private Optional<SqliteConnection> held = Optional.empty();
  private long generations;

  SqliteWatching(SqliteSource connections) {
    this.connections = connections;
  }

  @Override
  public <T> T read(Reading<T> reading) {
    Generations.Target current = connections.current();
    try {
      if (held.isPresent() && !held.get().reads(current)) {
        close();
      }
      if (held.isEmpty()) {
        held = Optional.of(SqliteConnection.open(current));
        generations++;
      }
      SqliteConnection connection = held.get();
      connection.allow(connections.limit());
      try (Handle handle = connection.jdbi().open()) {
        return reading.from(handle);
      }
    } catch (JdbiException e) {
      close();
      throw connections.unavailable(JdbiFailures.cause(e));
    } catch (SQLException e) {
      close();
      throw connections.unavailable(e);
    }
  }

  @Override
  public long version() {
    return read(handle -> handle.createQuery("PRAGMA data_version").mapTo(Long.class).one());
  }

  @Override
  public long generations() {
    return generations;
  }

  @Override
  public void close() {
    Optional<SqliteConnection> last = held;
    held = Optional.empty();
    last.ifPresent(SqliteConnection::close);
  }
}
