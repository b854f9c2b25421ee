package io.runledger.service.database;

import io.runledger.config.DatabaseUrl;
import io.runledger.config.NotFoundException;
import io.runledger.files.FullDisk;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.Position;
import io.runledger.sqlite.file.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteException;

/**
 * A projection opened for reading alone, beside its writer. Not thread-safe.
 *
 * <p>Errors of SQLite come as {@link UncheckedSqlException}.
 */
public final class ReadOnlyDatabase implements AutoCloseable {

  /** A state that is held longer keeps the write-ahead log from shrinking. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Steps of SQLite's machine between two looks at the clock: well below a millisecond. */
  private static final int STEPS_BETWEEN_LOOKS = 10_000;

  /** What SQLite says of a statement that was stopped. */
  private static final int INTERRUPTED = 9;

  /** A checkpoint or a busy writer holds readers up for less than this, in milliseconds. */
  private static final String BUSY_MS = "10000";

  private static final Logger LOG = LoggerFactory.getLogger(ReadOnlyDatabase.class);

  private final Path file;
  private final Connection connection;
  private final Duration limit;
  private volatile Optional<Instant> deadline = Optional.empty();

  private ReadOnlyDatabase(Path file, Connection connection, Duration limit) throws SQLException {
    this.file = file;
    this.connection = connection;
    this.limit = limit;
    ProgressHandler.setHandler(
        connection,
        STEPS_BETWEEN_LOOKS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return deadline.filter(end -> Instant.now().isAfter(end)).isPresent() ? 1 : 0;
          }
        });
  }

  /** Opens the database, which must exist. */
  public static ReadOnlyDatabase open(Path file) {
    return open(file, LIMIT);
  }

  /** The same, whose statements are stopped after {@code limit}; copies and checks are not. */
  static ReadOnlyDatabase open(Path file, Duration limit) {
    if (!Files.exists(file)) {
      throw new NoDatabaseException(
          "There is no database at %s; name it with --db, or let 'runledger up' or 'runledger consume' make it."
              .formatted(file));
    }
    if (!Files.isRegularFile(file)) {
      // Opening a pipe would wait for whoever writes into it.
      throw new NoDatabaseException(file + " is not a regular file; name a database with --db.");
    }
    Properties properties = new Properties();
    properties.setProperty("open_mode", "1"); // SQLITE_OPEN_READONLY
    properties.setProperty("busy_timeout", BUSY_MS);
    try {
      Path real = file.toRealPath();
      Connection connection = DriverManager.getConnection(DatabaseUrl.of(real), properties);
      try {
        requireOurs(file, real, connection);
        return new ReadOnlyDatabase(file, connection, limit);
      } catch (SQLException | IOException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException | IOException e) {
      throw new UncheckedSqlException(
          "The database %s cannot be opened: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static void requireOurs(Path file, Path real, Connection connection)
      throws SQLException, IOException {
    try {
      Damage.requireOurs(file, real, connection);
    } catch (SQLException e) {
      if (!Damage.isCauseOf(e)) {
        throw e;
      }
      // What can still be read of it is for the caller to find out.
      LOG.debug("{} is damaged.", file, e);
    }
  }

  /** Nothing is where the database should be. */
  static final class NoDatabaseException extends NotFoundException {
    private static final long serialVersionUID = 1L;

    NoDatabaseException(String sentence) {
      super(sentence);
    }
  }

  /** Positions as one statement sees them. */
  public List<Position> positions() {
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
  public Map<Integer, String> schemas() {
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
  public record Gap(Position at, long from, long to, String reason) {

    /** For people. */
    public String sentence() {
      return "%s partition %d, offsets %d to %d: %s"
          .formatted(at.topic(), at.partition(), from, to - 1, reason);
    }
  }

  /** All accepted gaps. */
  public List<Gap> gaps() {
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
  public List<Dismissal> dismissals() {
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
  public void copyTo(Path target) {
    try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, target.toString());
      vacuum.execute();
    } catch (SQLException e) {
      if (FullDisk.isCauseOf(e)) {
        throw new UncheckedSqlException(
            "The database %s cannot be copied to %s: %s.".formatted(file, target, e.getMessage()),
            e);
      }
      throw failed(e);
    }
  }

  /** Reads one value from a row. */
  public interface RowReader<T> {
    T read(ResultSet row) throws SQLException;
  }

  public <T> List<T> rows(String sql, RowReader<T> reader, Object... parameters) {
    deadline = Optional.of(Instant.now().plus(limit));
    try {
      return read(sql, reader, parameters);
    } finally {
      deadline = Optional.empty();
    }
  }

  /** What is wrong with the file, in SQLite's words; "ok" when nothing is. Reads all of it. */
  String integrity() {
    return read("PRAGMA integrity_check(1)", row -> row.getString(1)).get(0);
  }

  private <T> List<T> read(String sql, RowReader<T> reader, Object... parameters) {
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < parameters.length; i++) {
        statement.setObject(i + 1, parameters[i]);
      }
      try (ResultSet found = statement.executeQuery()) {
        List<T> rows = new ArrayList<>();
        while (found.next()) {
          rows.add(reader.read(found));
        }
        return rows;
      }
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  /** Our statements name our tables: one that is not there was dropped by somebody. */
  private static boolean isMissingTable(SQLException e) {
    return String.valueOf(e.getMessage()).contains("no such table");
  }

  private UncheckedSqlException failed(SQLException e) {
    if (e instanceof SQLiteException sqlite && sqlite.getResultCode().code == INTERRUPTED) {
      return new UncheckedSqlException(
          "Reading the database %s was stopped after %d ms, so that its write-ahead log can shrink; try again when the machine is less busy."
              .formatted(file, limit.toMillis()),
          e);
    }
    if (Damage.isCauseOf(e) || isMissingTable(e)) {
      return new UncheckedSqlException(
          new Damage(file, file, String.valueOf(e.getMessage())).sentence(), e);
    }
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
