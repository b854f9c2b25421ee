package io.runledger.query;

import io.runledger.fold.projection.Projection;
import io.runledger.postgres.PostgresLocation;
import io.runledger.postgres.server.TestServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.StringJoiner;

/**
 * Ledgers in a database that the tests of this JVM share. One that a test is done with is emptied
 * and used again: making its tables takes longer than most tests.
 */
final class PostgresLaboratories {

  private static final class Shared {
    static final String URL = TestServer.shared().emptyDatabase();
  }

  private static final Deque<String> FREE = new ArrayDeque<>();
  private static int made;

  private PostgresLaboratories() {}

  /** The URL of an empty ledger. Skips the test where there is no PostgreSQL. */
  static synchronized String take() {
    TestServer.shared();
    if (FREE.isEmpty()) {
      made++;
      return Shared.URL + "&currentSchema=laboratory_" + made;
    }
    String url = FREE.pop();
    empty(url);
    return url;
  }

  static synchronized void giveBack(String url) {
    FREE.push(url);
  }

  static Projection open(String url, Path directory) {
    return PostgresLocation.of(url, Map.of(), directory).open();
  }

  /** A connection to the tables of the generation in use. */
  static Connection connect(String url) throws SQLException {
    Connection connection = DriverManager.getConnection(url);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT schema FROM current_generation")) {
      row.next();
      connection.setSchema(row.getString(1));
    }
    return connection;
  }

  private static void empty(String url) {
    StringJoiner deletions = new StringJoiner("; ");
    try (Connection connection = connect(url);
        Statement statement = connection.createStatement()) {
      try (ResultSet table =
          statement.executeQuery(
              """
              SELECT quote_ident(relname)
                FROM pg_class
               WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                 AND NOT relispartition AND relname <> 'flyway_schema_history'
              """)) {
        while (table.next()) {
          deletions.add("DELETE FROM " + table.getString(1));
        }
      }
      statement.execute(deletions.toString());
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
  }
}
