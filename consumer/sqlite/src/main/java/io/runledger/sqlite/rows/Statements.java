package io.runledger.sqlite.rows;

import io.runledger.fold.store.RefusedDataException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The prepared statements of one connection, each prepared once. Says of each failure whether the
 * data or the database is to blame. Not thread-safe.
 */
public final class Statements implements AutoCloseable {

  /** Takes a row apart. */
  interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  /** Makes something of a row. */
  public interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** Binds the parameters of a statement. */
  interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  public Statements(Connection connection) {
    this.connection = connection;
  }

  /** Runs a change with these parameters and returns how many rows it changed. */
  public int update(String sql, Object... parameters) {
    return change(sql, statement -> bind(statement, parameters));
  }

  /** Runs a change and returns how many rows it changed. */
  int change(String sql, Binder parameters) {
    try {
      PreparedStatement statement = statement(sql);
      parameters.bind(statement);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw blaming(e);
    }
  }

  /** Gives each row of a query to the reader. */
  void query(String sql, RowReader reader, Object... parameters) {
    try {
      PreparedStatement statement = statement(sql);
      bind(statement, parameters);
      try (ResultSet rows = statement.executeQuery()) {
        while (rows.next()) {
          reader.read(rows);
        }
      }
    } catch (SQLException e) {
      throw blaming(e);
    }
  }

  /** What is made of each row of a query, in its order. */
  <T> List<T> list(String sql, RowMapper<T> mapper, Object... parameters) {
    List<T> found = new ArrayList<>();
    query(sql, row -> found.add(mapper.map(row)), parameters);
    return found;
  }

  /** What is made of the first row of a query. */
  public <T> Optional<T> first(String sql, RowMapper<T> mapper, Object... parameters) {
    return list(sql, mapper, parameters).stream().findFirst();
  }

  private static void bind(PreparedStatement statement, Object... parameters) throws SQLException {
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
  }

  private PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    return statement;
  }

  /** What to throw: SQLite refuses what it was given, or does not work now. */
  static RuntimeException blaming(SQLException e) {
    return isAboutTheData(e) ? new RefusedDataException(e) : new SqlFailure(e);
  }

  /** Whether a constraint of a table or an index refuses a row. */
  static boolean isConstraint(Throwable e) {
    return e instanceof SQLiteException sqlite
        && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_CONSTRAINT.code;
  }

  /** Whether SQLite refuses what it was given, as opposed to not working now. */
  public static boolean isAboutTheData(SQLException e) {
    if (!(e instanceof SQLiteException sqlite)) {
      return false;
    }
    return switch (sqlite.getResultCode().code & 0xff) {
      // A general error, but never one of the database: numbers that are too large together.
      case 1 -> String.valueOf(e.getMessage()).contains("integer overflow");
      case 18 /* TOOBIG */, 19 /* CONSTRAINT */, 20 /* MISMATCH */, 25 /* RANGE */ -> true;
      default -> false;
    };
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
    prepared.clear();
  }
}
