package io.runledger.projection.rows;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** The prepared statements of one connection, each prepared once. Not thread-safe. */
public final class Statements implements AutoCloseable {

  /** Takes a row apart. */
  public interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  public Statements(Connection connection) {
    this.connection = connection;
  }

  /** Runs a change with these parameters and tells how many rows it changed. */
  public int update(String sql, Object... parameters) throws SQLException {
    return bound(sql, parameters).executeUpdate();
  }

  /** Gives each row of a query to the reader. */
  public void query(String sql, RowReader reader, Object... parameters) throws SQLException {
    try (ResultSet rows = bound(sql, parameters).executeQuery()) {
      while (rows.next()) {
        reader.read(rows);
      }
    }
  }

  PreparedStatement bound(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = statement(sql);
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    return statement;
  }

  @Override
  public void close() throws SQLException {
    for (PreparedStatement statement : prepared.values()) {
      statement.close();
    }
    prepared.clear();
  }
}
