package io.runledger.query.connection.postgres;

import io.runledger.query.connection.JdbiFailures;
import io.runledger.query.connection.LedgerSource.Reading;
import io.runledger.query.connection.WatchingConnection;
import java.sql.SQLException;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;

/**
 * Watches the generation in use. The server's snapshot says at once that no transaction of anybody
 * has ended; where one has, the rows that a writer changes with each batch say whether it was one
 * of this ledger's, and the small tables that change without a batch. A row that was written again
 * has another xmin.
 */
final class PostgresWatching implements WatchingConnection {

  private static final String SNAPSHOT = "SELECT CAST(pg_current_snapshot() AS text)";

  private static final String BATCHES =
      """
      SELECT concat_ws(' ', count(*), sum(CAST(CAST(xmin AS text) AS bigint)), sum(CAST(next_offset AS numeric)))
        FROM positions
      """;

  private static final String OTHERS =
      """
      SELECT string_agg(concat_ws(' ', rows, changes), ', ')
        FROM (SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM projection_info
               UNION ALL
              SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM gaps
               UNION ALL
              SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM dead_letters
               UNION ALL
              SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM alert_firings
               UNION ALL
              SELECT count(*), sum(CAST(CAST(xmin AS text) AS bigint)) FROM alert_deliveries) each_table (rows, changes)
      """;

  private final PostgresSource source;
  private Optional<PostgresConnection> held = Optional.empty();
  private long generations;
  private long version;
  private String snapshot = "";
  private String batches = "";
  private String others = "";

  PostgresWatching(PostgresSource source) {
    this.source = source;
  }

  @Override
  public <T> T read(Reading<T> reading) {
    while (true) {
      boolean isNew = held.isEmpty();
      PostgresConnection connection = held.orElseGet(this::opened);
      try (Handle handle = connection.jdbi().open()) {
        handle.begin();
        if (!connection.settle(source.limit())) {
          close();
          continue;
        }
        T result = reading.from(handle);
        handle.commit();
        return result;
      } catch (JdbiException e) {
        closeUnlessGone(isNew, JdbiFailures.cause(e));
      } catch (SQLException e) {
        closeUnlessGone(isNew, e);
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }
  }

  private PostgresConnection opened() {
    PostgresConnection opened = source.opened();
    held = Optional.of(opened);
    generations++;
    return opened;
  }

  /** A session that was kept may be gone, and is opened again; what else fails, fails. */
  private void closeUnlessGone(boolean isNew, SQLException e) {
    close();
    if (isNew || !PostgresFailures.isGone(e)) {
      throw source.unavailable(e);
    }
  }

  @Override
  public long version() {
    return read(
        handle -> {
          String now = text(handle, SNAPSHOT);
          if (!now.equals(snapshot)) {
            snapshot = now;
            look(handle);
          }
          return version;
        });
  }

  private void look(Handle handle) {
    String batchesNow = text(handle, BATCHES);
    if (others.isEmpty()) {
      others = text(handle, OTHERS);
    } else if (batchesNow.equals(batches)) {
      String othersNow = text(handle, OTHERS);
      if (othersNow.equals(others)) {
        return;
      }
      others = othersNow;
    }
    batches = batchesNow;
    version++;
  }

  private static String text(Handle handle, String statement) {
    return handle.createQuery(statement).mapTo(String.class).one();
  }

  @Override
  public long generations() {
    return generations;
  }

  @Override
  public void close() {
    Optional<PostgresConnection> last = held;
    held = Optional.empty();
    last.ifPresent(source::close);
  }
}
