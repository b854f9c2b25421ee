package io.runledger.service;

import io.runledger.projection.Dismissal;
import io.runledger.projection.Position;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Properties;

/**
 * A projection opened for reading alone, beside its writer. Not thread-safe.
 *
 * <p>Errors of SQLite come as {@link UncheckedSqlException}.
 */
final class ReadOnlyDatabase implements AutoCloseable {

  /** A checkpoint or a busy writer holds readers up for less than this, in milliseconds. */
  private static final String BUSY_MS = "10000";

  private final Path file;
  private final Connection connection;

  private ReadOnlyDatabase(Path file, Connection connection) {
    this.file = file;
    this.connection = connection;
  }

  /** Opens the database, which must exist. */
  static ReadOnlyDatabase open(Path file) {
    if (!Files.exists(file)) {
      throw new NoDatabaseException(
          "There is no database at "
              + file
              + "; name one with --db, or fill it with 'runledger consume'.");
    }
    Properties properties = new Properties();
    properties.setProperty("open_mode", "1"); // SQLITE_OPEN_READONLY
    properties.setProperty("busy_timeout", BUSY_MS);
    try {
      Path real = file.toRealPath();
      return new ReadOnlyDatabase(
          file, DriverManager.getConnection("jdbc:sqlite:" + real, properties));
    } catch (SQLException | java.io.IOException e) {
      throw new UncheckedSqlException(
          "The database %s cannot be opened: %s".formatted(file, e.getMessage()), e);
    }
  }

  /** Nothing is where the database should be. */
  static final class NoDatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoDatabaseException(String sentence) {
      super(sentence);
    }
  }

  /** Positions as one statement sees them. */
  List<Position> positions() {
    return rows(
        """
        SELECT cluster_id, topic, topic_id, partition, next_offset, leader_epoch
          FROM positions
        """,
        row -> {
          int epoch = row.getInt("leader_epoch");
          OptionalInt leaderEpoch = row.wasNull() ? OptionalInt.empty() : OptionalInt.of(epoch);
          return new Position(
              row.getString("cluster_id"),
              row.getString("topic"),
              row.getString("topic_id"),
              row.getInt("partition"),
              row.getLong("next_offset"),
              leaderEpoch);
        });
  }

  /** Writer schemas by registry id. */
  Map<Integer, String> schemas() {
    Map<Integer, String> schemas = new HashMap<>();
    rows(
            "SELECT schema_id, schema FROM writer_schemas",
            row -> Map.entry(row.getInt("schema_id"), row.getString("schema")))
        .forEach(entry -> schemas.put(entry.getKey(), entry.getValue()));
    return schemas;
  }

  /**
   * History that somebody accepted to be missing.
   *
   * @param at the partition and topic id
   */
  record Gap(Position at, long from, long to, String reason) {

    /** For people. */
    String sentence() {
      return "%s partition %d, offsets %d to %d: %s"
          .formatted(at.topic(), at.partition(), from, to - 1, reason);
    }
  }

  /** All accepted gaps. */
  List<Gap> gaps() {
    return rows(
        "SELECT topic, partition, topic_id, from_offset, to_offset, reason FROM gaps",
        row ->
            new Gap(
                new Position(
                    "",
                    row.getString("topic"),
                    row.getString("topic_id"),
                    row.getInt("partition"),
                    row.getLong("to_offset"),
                    OptionalInt.empty()),
                row.getLong("from_offset"),
                row.getLong("to_offset"),
                row.getString("reason")));
  }

  /** What operators dismissed. */
  List<Dismissal> dismissals() {
    return rows(
        """
        SELECT topic, topic_id, partition, "offset", disposed_at, disposition
          FROM dead_letters
         WHERE state = 'dismissed'
        """,
        row ->
            new Dismissal(
                row.getString("topic"),
                row.getString("topic_id"),
                row.getInt("partition"),
                row.getLong("offset"),
                row.getString("disposed_at"),
                row.getString("disposition")));
  }

  /** Copies the database as it is at one moment; {@code target} must not exist. */
  void copyTo(Path target) {
    try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, target.toString());
      vacuum.execute();
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Reads one value from a row. */
  interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  <T> List<T> rows(String sql, RowReader<T> reader) {
    try (Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery(sql)) {
      List<T> rows = new ArrayList<>();
      while (found.next()) {
        rows.add(reader.read(found));
      }
      return rows;
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  private UncheckedSqlException failed(SQLException e) {
    return new UncheckedSqlException(
        "The database %s cannot be read: %s".formatted(file, e.getMessage()), e);
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
