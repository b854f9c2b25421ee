package io.runledger.query.connection.sqlite;

import io.runledger.query.connection.SqlRows;
import io.runledger.query.connection.TypedStatement;
import io.runledger.query.connection.UserStatement;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One statement of a user that can only read. What may run is named here, and all else is refused:
 * the driver offers no authorizer, VACUUM INTO and ATTACH write files whatever mode the database is
 * in, and some pragmas take effect while they are compiled, EXPLAIN before them or not. Behind this
 * stand a file opened for reading, query_only, no attachable database, and no extension.
 */
final class SqliteStatement implements UserStatement {

  private static final Set<String> READING = Set.of("SELECT", "WITH", "VALUES");

  /** Pragmas that only return information, with their subject in parentheses. */
  private static final Set<String> ASKING =
      Set.of(
          "FOREIGN_KEY_CHECK",
          "FOREIGN_KEY_LIST",
          "INDEX_INFO",
          "INDEX_LIST",
          "INDEX_XINFO",
          "INTEGRITY_CHECK",
          "QUICK_CHECK",
          "TABLE_INFO",
          "TABLE_LIST",
          "TABLE_XINFO");

  /** Pragmas that return information when given no value. */
  private static final Set<String> TELLING =
      Set.of(
          "APPLICATION_ID",
          "COLLATION_LIST",
          "COMPILE_OPTIONS",
          "DATABASE_LIST",
          "DATA_VERSION",
          "ENCODING",
          "FREELIST_COUNT",
          "FUNCTION_LIST",
          "JOURNAL_MODE",
          "MODULE_LIST",
          "PAGE_COUNT",
          "PAGE_SIZE",
          "PRAGMA_LIST",
          "SCHEMA_VERSION",
          "USER_VERSION");

  private final String sql;

  private SqliteStatement(String sql) {
    this.sql = sql;
  }

  /**
   * Reads a statement as it was typed.
   *
   * @throws IllegalArgumentException when it is none, several, or not one that only reads
   */
  static SqliteStatement of(String text) {
    TypedStatement typed =
        TypedStatement.requireOne(
            text,
            SqliteTokens::of,
            SqliteStatement::onlyReads,
            "SELECT, WITH, VALUES, EXPLAIN or a PRAGMA such as table_info(runs)");
    return new SqliteStatement(typed.statement());
  }

  private static boolean onlyReads(List<String> words) {
    String first = words.get(0);
    if (first.equals("EXPLAIN")) {
      boolean plan = words.size() > 2 && words.subList(1, 3).equals(List.of("QUERY", "PLAN"));
      int behind = plan ? 3 : 1;
      return words.size() > behind && READING.contains(words.get(behind));
    }
    return READING.contains(first) || (first.equals("PRAGMA") && isReadingPragma(words));
  }

  /** {@code PRAGMA [schema .] name [(argument)]}; one with an equals sign sets something. */
  private static boolean isReadingPragma(List<String> words) {
    int name = words.size() > 3 && words.get(2).equals(".") ? 3 : 1;
    if (words.size() <= name) {
      return false;
    }
    boolean alone = words.size() == name + 1;
    boolean asks =
        words.size() == name + 4
            && words.get(name + 1).equals("(")
            && words.get(name + 3).equals(")");
    return (ASKING.contains(words.get(name)) && (alone || asks))
        || (TELLING.contains(words.get(name)) && alone);
  }

  /** Runs it; a prepared statement, because others are searched for commands of the driver. */
  @Override
  public void run(Connection connection, SqlRows rows) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(sql);
        ResultSet found = statement.executeQuery()) {
      ResultSetMetaData columns = found.getMetaData();
      int count = columns.getColumnCount();
      List<String> names = new ArrayList<>(count);
      for (int column = 1; column <= count; column++) {
        names.add(columns.getColumnLabel(column));
      }
      rows.columns(List.copyOf(names));
      boolean more = true;
      while (more && found.next()) {
        List<Optional<Object>> cells = new ArrayList<>(count);
        for (int column = 1; column <= count; column++) {
          cells.add(Optional.ofNullable(found.getObject(column)).map(SqliteStatement::value));
        }
        more = rows.row(cells);
      }
    }
  }

  /** The driver has small whole numbers as Integer. */
  private static Object value(Object value) {
    if (value instanceof byte[] bytes) {
      return HexFormat.of().formatHex(bytes);
    }
    return value instanceof Integer number ? Long.valueOf(number) : value;
  }
}
