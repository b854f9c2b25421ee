package io.runledger.rows;

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

/**
 * The prepared statements of one connection, each prepared once. Says of each failure whether the
 * data or the database is to blame. Not thread-safe.
 */
public final class Statements implements AutoCloseable {

  /** Takes a row apart. */
  public interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  /** Makes something of a row. */
  public interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** Binds the parameters of a statement. */
  public interface Binder {
    void bind(PreparedStatement statement) throws SQLException;
  }

  private final Connection connection;
  private final Refusals refusals;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  public Statements(Connection connection, Refusals refusals) {
    this.connection = connection;
    this.refusals = refusals;
  }

  /** Runs a change with these parameters and returns how many rows it changed. */
  public int update(String sql, Object... parameters) {
    return change(sql, statement -> bind(statement, parameters));
  }

  /** Runs a change and returns how many rows it changed. */
  public int change(String sql, Binder parameters) {
    try {
      PreparedStatement statement = statement(sql);
      parameters.bind(statement);
      return statement.executeUpdate();
    } catch (SQLException e) {
      throw blaming(e);
    }
  }

  /** Gives each row of a query to the reader. */
  public void query(String sql, RowReader reader, Object... parameters) {
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
  public <T> List<T> list(String sql, RowMapper<T> mapper, Object... parameters) {
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

  /** What to throw: the database refuses what it was given, or does not work now. */
  public RuntimeException blaming(SQLException e) {
    return refusals.isAboutTheData(e) ? new RefusedDataException(e) : new SqlFailure(e);
  }

  /** Whether a table is why a row is refused. */
  boolean isOfTheTable(Throwable e) {
    return e instanceof SQLException sql && refusals.isOfTheTable(sql);
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
    prepared.clear();
  }
}
