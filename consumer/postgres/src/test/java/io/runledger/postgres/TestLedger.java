package io.runledger.postgres;

import io.runledger.contract.TestDatabase;
import io.runledger.fold.projection.Projection;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.schema.Generations;
import io.runledger.postgres.server.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A ledger under test, in a database that all tests share. Its tables are emptied and used again
 * when the directory of the test before is gone: making them takes longer than most tests.
 */
final class TestLedger implements TestDatabase {

  private static final class Shared {
    static final String URL = TestServer.shared().emptyDatabase();
  }

  /** An empty ledger to be copied, because making its tables takes longer than most tests. */
  private static final class Original {
    static final String URL = made();

    private static String made() {
      String url = TestServer.shared().emptyDatabase();
      PostgresProjection.open(LedgerUrl.of(url, Map.of())).close();
      return url;
    }
  }

  /** Who uses which ledger. */
  private static final Map<Path, LedgerUrl> USED = new HashMap<>();

  private static int made;

  private final Path user;

  private TestLedger(Path user) {
    this.user = user;
  }

  /** The one of this name in the directory of a test. */
  static TestLedger of(Path directory, String name) {
    TestServer.shared();
    return new TestLedger(directory.resolve(name));
  }

  /** The ledger runledger, empty, in a database that no other test uses. */
  static LedgerUrl inItsOwnDatabase() {
    return LedgerUrl.of(TestServer.shared().copiedDatabase(Original.URL), Map.of());
  }

  LedgerUrl url() {
    synchronized (USED) {
      if (!USED.containsKey(user)) {
        USED.put(user, anEmptyOne());
      }
      return USED.get(user);
    }
  }

  private static LedgerUrl anEmptyOne() {
    Optional<Path> past =
        USED.keySet().stream().filter(user -> !Files.exists(user.getParent())).findFirst();
    if (past.isPresent()) {
      LedgerUrl url = USED.remove(past.get());
      try {
        empty(url);
        return url;
      } catch (SQLException broken) {
        // As the test wanted it.
        return anEmptyOne();
      }
    }
    made++;
    return LedgerUrl.of(Shared.URL + "&currentSchema=ledger_" + made, Map.of());
  }

  private static void empty(LedgerUrl url) throws SQLException {
    StringBuilder sql = new StringBuilder();
    for (String table : Tables.OF_A_GENERATION) {
      if (!table.equals("projection_info")) {
        sql.append("DELETE FROM ").append(table).append(';');
      }
    }
    sql.append("ALTER SEQUENCE stream_ids RESTART; ALTER SEQUENCE series_ids RESTART;");
    sql.append("ALTER TABLE dead_letters ALTER dead_letter_id RESTART");
    try (Connection connection = opened(url)) {
      Sql.execute(connection, sql.toString());
    }
  }

  /** One session, because beginning it costs a server more than most statements do. */
  private static Connection opened(LedgerUrl url) throws SQLException {
    Connection connection = url.open(Purpose.ADMINISTER);
    try {
      connection.setSchema(schema(url, connection));
      return connection;
    } catch (SQLException | RuntimeException e) {
      Sql.close(connection, e);
      throw e;
    }
  }

  /** The schema of the generation in use. */
  private static String schema(LedgerUrl url, Connection connection) throws SQLException {
    return new Generations(url, connection).current().orElseThrow().schema();
  }

  PostgresLocation location() {
    return new PostgresLocation(url(), user.getParent());
  }

  @Override
  public Projection open() {
    return PostgresProjection.open(url());
  }

  /** To the generation in use, whose tables can be changed. */
  @Override
  public Connection connect() throws SQLException {
    return opened(url());
  }

  @Override
  public List<String> differencesFrom(TestDatabase other) {
    LedgerUrl one = url();
    LedgerUrl two = ((TestLedger) other).url();
    try (Connection connection = one.open(Purpose.READ)) {
      return PostgresCounterpart.compare(one, schema(one, connection), schema(two, connection))
          .stream()
          .filter(table -> table.differences() > 0)
          .map(Object::toString)
          .toList();
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void remove() {
    try {
      empty(url());
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
