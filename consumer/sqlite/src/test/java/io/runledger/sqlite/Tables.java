package io.runledger.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** Reads a database as its users do: by SQL, on a separate connection. */
final class Tables {

  private Tables() {}

  /** Each row as its values joined by "|", NULL as the word. */
  static List<String> rows(Path database, String sql) throws SQLException {
    return io.runledger.contract.Tables.rows(new TestFile(database), sql);
  }

  /** The only row of a query. */
  static String row(Path database, String sql) throws SQLException {
    return io.runledger.contract.Tables.row(new TestFile(database), sql);
  }

  /** Changes something behind the writer's back. */
  static void change(Path database, String sql) throws SQLException {
    io.runledger.contract.Tables.change(new TestFile(database), sql);
  }

  /** Damages a file: takes the entries of an index away, while their rows stay. */
  static void emptyAnIndex(Path database, String index) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA writable_schema = ON");
      statement.execute(
          """
          INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
          SELECT 'table', 'impostor', 'impostor', rootpage, 'CREATE TABLE impostor (a, b, PRIMARY KEY (a, b)) WITHOUT ROWID'
            FROM sqlite_schema WHERE name = '%s'
          """
              .formatted(index));
      statement.execute("PRAGMA schema_version = 999999");
    }
    change(database, "DELETE FROM impostor");
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA writable_schema = ON");
      statement.execute("DELETE FROM sqlite_schema WHERE name LIKE '%impostor%'");
      statement.execute("PRAGMA schema_version = 9999999");
    }
  }

  static Connection connect(Path database) throws SQLException {
    return new TestFile(database).connect();
  }
}
