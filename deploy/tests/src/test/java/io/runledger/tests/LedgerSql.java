package io.runledger.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.runledger.config.DatabaseLocation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.sqlite.SQLiteConfig;

/** A ledger as its users read it by SQL, with a connection of their own. */
final class LedgerSql {

  private LedgerSql() {}

  /** A connection that only reads. On a server it sees the tables of the generation in use. */
  static Connection reading(DatabaseLocation database) throws SQLException {
    if (database instanceof DatabaseLocation.Server server) {
      Connection connection = DriverManager.getConnection(server.url());
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET search_path = runledger");
        statement.execute("SET default_transaction_read_only = on");
        return connection;
      } catch (SQLException e) {
        connection.close();
        throw e;
      }
    }
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(10_000);
    return config.createConnection("jdbc:sqlite:" + ((DatabaseLocation.File) database).path());
  }

  /** Whether anything was ever written there. */
  static boolean exists(DatabaseLocation database) throws SQLException {
    return database instanceof DatabaseLocation.File file
        ? Files.exists(file.path())
        : single(database, "SELECT to_regclass('positions') IS NOT NULL").equals("t");
  }

  /** Where a database says that reading continues. */
  static Map<TopicPartition, Long> positions(DatabaseLocation database) throws SQLException {
    Map<TopicPartition, Long> positions = new HashMap<>();
    try (Connection connection = reading(database);
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT topic, partition, next_offset FROM positions")) {
      while (row.next()) {
        positions.put(new TopicPartition(row.getString(1), row.getInt(2)), row.getLong(3));
      }
    }
    return positions;
  }

  static Map<TopicPartition, Long> positions(Path database) throws SQLException {
    return positions(new DatabaseLocation.File(database));
  }

  /** The only value of a query. */
  static String single(DatabaseLocation database, String sql, Object... parameters)
      throws SQLException {
    try (Connection connection = reading(database);
        PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        assertThat(row.next()).isTrue();
        return row.getString(1);
      }
    }
  }

  static String single(Path database, String sql, Object... parameters) throws SQLException {
    return single(new DatabaseLocation.File(database), sql, parameters);
  }
}
