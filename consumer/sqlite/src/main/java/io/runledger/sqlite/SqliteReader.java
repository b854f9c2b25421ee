package io.runledger.sqlite;

import io.runledger.config.DatabaseFile;
import io.runledger.config.DatabaseUrl;
import io.runledger.config.NotFoundException;
import io.runledger.files.FullDisk;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.projection.ProjectionUnreadableException;
import io.runledger.fold.store.RefusedDataException;
import io.runledger.fold.store.StoreFailure;
import io.runledger.rows.RowReader;
import io.runledger.rows.Statements;
import io.runledger.sqlite.file.Damage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteException;

/** A database opened for reading only, alongside its writer. Not thread-safe. */
final class SqliteReader extends RowReader {

  /** A state that is held longer keeps the write-ahead log from shrinking. */
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** Steps of SQLite's machine between two looks at the clock: well below a millisecond. */
  private static final int STEPS_BETWEEN_LOOKS = 10_000;

  /** What SQLite says of a statement that was stopped. */
  private static final int INTERRUPTED = 9;

  /** A checkpoint or a busy writer holds readers up for less than this, in milliseconds. */
  private static final String BUSY_MS = "10000";

  private static final Logger LOG = LoggerFactory.getLogger(SqliteReader.class);

  private final Path file;
  private final Connection connection;
  private final Statements statements;
  private final Duration limit;
  private volatile Optional<Instant> deadline = Optional.empty();

  private SqliteReader(Path file, Connection connection, Duration limit) throws SQLException {
    this(file, connection, new Statements(connection, SqliteRefusals.INSTANCE), limit);
  }

  private SqliteReader(Path file, Connection connection, Statements statements, Duration limit)
      throws SQLException {
    super(statements);
    this.file = file;
    this.connection = connection;
    this.statements = statements;
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
  static SqliteReader open(Path file) {
    return open(file, LIMIT);
  }

  /** The same, whose statements are stopped after {@code limit}; copies and checks are not. */
  static SqliteReader open(Path file, Duration limit) {
    if (!Files.exists(file)) {
      throw new NoDatabaseException(DatabaseFile.absent(file));
    }
    if (!Files.isRegularFile(file)) {
      // Opening a pipe would wait for whoever writes into it.
      throw new NoDatabaseException(file + " is not a regular file; specify a database with --db.");
    }
    Properties properties = new Properties();
    properties.setProperty("open_mode", "1"); // SQLITE_OPEN_READONLY
    properties.setProperty("busy_timeout", BUSY_MS);
    try {
      Path real = file.toRealPath();
      Connection connection = DriverManager.getConnection(DatabaseUrl.of(real), properties);
      try {
        requireOurs(file, real, connection);
        return new SqliteReader(file, connection, limit);
      } catch (SQLException | IOException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException | IOException e) {
      throw new ProjectionUnreadableException(
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

  @Override
  public int schemaVersion() {
    return (int) number("PRAGMA user_version");
  }

  @Override
  public List<CarriedFiring> firingsAfter(Optional<Firing> last, int limit) {
    return hasAlerts() ? super.firingsAfter(last, limit) : List.of();
  }

  /** Whether the tables are there, which older databases do not have. */
  private boolean hasAlerts() {
    return number(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'alert_deliveries'")
        > 0;
  }

  /** How many runs there are. */
  long runs() {
    return number("SELECT count(*) FROM experiment_runs");
  }

  /** How many events were applied. */
  long events() {
    return number("SELECT coalesce(sum(events), 0) FROM event_streams");
  }

  /** The number that a query finds. */
  long number(String sql) {
    return read(() -> statements.first(sql, row -> row.getLong(1)).orElseThrow());
  }

  /** Copies the database as it is at one moment; {@code target} must not exist. */
  public void copyTo(Path target) {
    try (PreparedStatement vacuum = connection.prepareStatement("VACUUM INTO ?")) {
      vacuum.setString(1, target.toString());
      vacuum.execute();
    } catch (SQLException e) {
      if (FullDisk.isCauseOf(e)) {
        throw new ProjectionUnreadableException(
            "The database %s cannot be copied to %s: %s.".formatted(file, target, e.getMessage()),
            e);
      }
      throw failed(e);
    }
  }

  /** What is wrong with the file, in SQLite's words; "ok" when nothing is. Reads all of it. */
  String integrity() {
    return unbounded(
        () -> statements.first("PRAGMA integrity_check(1)", row -> row.getString(1)).orElseThrow());
  }

  /** Reads, and is stopped where it takes too long. */
  @Override
  protected <T> T read(Supplier<T> reading) {
    deadline = Optional.of(Instant.now().plus(limit));
    try {
      return unbounded(reading);
    } finally {
      deadline = Optional.empty();
    }
  }

  private <T> T unbounded(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (StoreFailure | RefusedDataException e) {
      throw failed((SQLException) e.getCause());
    }
  }

  /** Our statements name our tables: one that is not there was dropped by somebody. */
  private static boolean isMissingTable(SQLException e) {
    return String.valueOf(e.getMessage()).contains("no such table");
  }

  private ProjectionUnreadableException failed(SQLException e) {
    if (e instanceof SQLiteException sqlite && sqlite.getResultCode().code == INTERRUPTED) {
      return new ProjectionUnreadableException(
          "Reading the database %s was stopped after %d ms, so that its write-ahead log can shrink; try again when the machine is less busy."
              .formatted(file, limit.toMillis()),
          e);
    }
    if (Damage.isCauseOf(e) || isMissingTable(e)) {
      return new ProjectionUnreadableException(
          new Damage(file, file, String.valueOf(e.getMessage())).sentence(), e);
    }
    return new ProjectionUnreadableException(
        "The database %s cannot be read: %s".formatted(file, e.getMessage()), e);
  }

  @Override
  public void close() {
    try {
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
  }
}
