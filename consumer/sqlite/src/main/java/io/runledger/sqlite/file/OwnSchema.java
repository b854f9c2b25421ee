package io.runledger.sqlite.file;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What our migrations make of an empty database, to compare with one that others can write to.
 *
 * @param tables the text of each table, by name
 * @param uniqueIndexes the table of each index that was made with UNIQUE, by name
 */
public record OwnSchema(Map<String, String> tables, Map<String, String> uniqueIndexes) {

  /** After the migrations that {@code connection}'s database has had. */
  public static OwnSchema of(Connection connection) throws SQLException {
    List<String> scripts = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT script FROM flyway_schema_history ORDER BY installed_rank")) {
      while (row.next()) {
        scripts.add(
            new String(Database.MIGRATIONS.content(row.getString(1)), StandardCharsets.UTF_8));
      }
    }
    try (Connection empty = DriverManager.getConnection("jdbc:sqlite::memory:");
        Statement statement = empty.createStatement()) {
      for (String script : scripts) {
        statement.executeUpdate(script);
      }
      return new OwnSchema(tables(empty), uniqueIndexes(empty));
    }
  }

  public static Map<String, String> tables(Connection connection) throws SQLException {
    return pairs(
        connection,
        """
        SELECT name, sql
          FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'
        """);
  }

  public static Map<String, String> uniqueIndexes(Connection connection) throws SQLException {
    return pairs(
        connection,
        """
        SELECT found.name, made.tbl_name
          FROM sqlite_schema AS made, pragma_index_list(made.tbl_name) AS found
         WHERE made.type = 'table' AND found."unique" AND found.origin = 'c'
        """);
  }

  private static Map<String, String> pairs(Connection connection, String sql) throws SQLException {
    Map<String, String> pairs = new TreeMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      while (row.next()) {
        pairs.put(row.getString(1), row.getString(2));
      }
    }
    return pairs;
  }
}
