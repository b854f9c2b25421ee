package io.runledger.query.connection.sqlite;

import io.runledger.config.DatabaseFile;
import io.runledger.config.DatabaseUrl;
import io.runledger.query.connection.StoredText;
import io.runledger.query.failure.LedgerUnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;
import org.jdbi.v3.core.statement.TemplateEngine;
import org.sqlite.ProgressHandler;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteLimits;

/**
 * A connection that can only read, to one generation of the database. Used by one thread at a time.
 */
public final class SqliteConnection implements AutoCloseable {

  /** The service holds a lock for a moment only: while it swaps its write-ahead log. */
  private static final int BUSY_TIMEOUT_MS = 5_000;

  /** Steps of SQLite's machine between two looks at the clock: well below a millisecond. */
  private static final int STEPS_BETWEEN_LOOKS = 10_000;

  /** Bytes of the longest text or BLOB: several times the longest record. */
  private static final int LONGEST_VALUE = 64 << 20;

  private final Generations.Target target;
  private final Connection connection;
  private final Jdbi jdbi;
  private volatile long deadlineNanos;
  private int schemaVersion;

  private SqliteConnection(Generations.Target target, Connection connection) {
    this.target = target;
    this.connection = connection;
    this.jdbi = jdbi(connection);
  }

  /** Without templates, whose parser would read each statement once more and which none uses. */
  private static Jdbi jdbi(Connection connection) {
    return Jdbi.create(connection)
        .registerArgument(new StoredText())
        .configure(
            SqlStatements.class, statements -> statements.setTemplateEngine(TemplateEngine.NOP));
  }

  /** Has everything loaded that a question needs. */
  public static void preload() {
    try (Connection connection = new SQLiteConfig().createConnection("jdbc:sqlite::memory:")) {
      jdbi(connection)
          .useTransaction(
              handle ->
                  handle
                      .createQuery("SELECT :number AS number")
                      .bind("number", 1)
                      .map((row, context) -> row.getLong("number"))
                      .list());
    } catch (SQLException e) {
      throw new LedgerUnavailableException(
          "SQLite cannot be used here: %s.".formatted(SqliteSource.reason(e)), e);
    }
  }

  static SqliteConnection open(Generations.Target target) throws SQLException {
    SQLiteConfig config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(BUSY_TIMEOUT_MS);
    Connection connection = config.createConnection(DatabaseUrl.of(target.path()));
    try {
      SqliteConnection opened = new SqliteConnection(target, connection);
      opened.prepare();
      return opened;
    } catch (SQLException | RuntimeException e) {
      try {
        connection.close();
      } catch (SQLException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      if (e instanceof SQLException refusal) {
        requireDatabase(target.path(), refusal);
      }
      throw e;
    }
  }

  private void prepare() throws SQLException {
    // VACUUM INTO writes into a database that it attaches, in whatever mode this one is open.
    SQLiteConnection driver = connection.unwrap(SQLiteConnection.class);
    driver.setLimit(SQLiteLimits.SQLITE_LIMIT_ATTACHED, 0);
    driver.setLimit(SQLiteLimits.SQLITE_LIMIT_LENGTH, LONGEST_VALUE);
    try (Statement statement = connection.createStatement()) {
      // The file may come from anybody: no code in its schema runs, and nothing maps it into
      // memory, where a truncated file would end the process with SIGBUS.
      statement.execute("PRAGMA query_only = ON");
      statement.execute("PRAGMA trusted_schema = OFF");
      statement.execute("PRAGMA mmap_size = 0");
      // Holds the summaries of one metric of 100,000 runs, so that ranking them twice reads them
      // once.
      statement.execute("PRAGMA cache_size = -16384");
      requireOurs(statement);
    }
    ProgressHandler.setHandler(
        connection,
        STEPS_BETWEEN_LOOKS,
        new ProgressHandler() {
          @Override
          protected int progress() {
            return System.nanoTime() - deadlineNanos > 0 ? 1 : 0;
          }
        });
  }

  private void requireOurs(Statement statement) throws SQLException {
    Path file = target.path();
    Set<String> names = names(statement);
    int applicationId;
    try (ResultSet found = statement.executeQuery("PRAGMA application_id")) {
      applicationId = found.getInt(1);
    }
    try (ResultSet found = statement.executeQuery("PRAGMA user_version")) {
      schemaVersion = found.getInt(1);
    }
    refuse(DatabaseFile.stranger(file, file, applicationId, names));
    refuse(
        DatabaseFile.missing(names)
            .map(
                name ->
                    "The database %s lacks its table %s; run 'runledger rebuild', or put a backup in its place."
                        .formatted(file, name)));
  }

  private static Set<String> names(Statement statement) throws SQLException {
    Set<String> names = new HashSet<>();
    try (ResultSet found = statement.executeQuery(DatabaseFile.NAMES)) {
      while (found.next()) {
        names.add(found.getString(1));
      }
    }
    return names;
  }

  /** SQLite's own word on a file that is not a database is that of a damaged one. */
  private static void requireDatabase(Path file, SQLException refusal) {
    try {
      refuse(DatabaseFile.noDatabase(file, file, refusal));
    } catch (IOException e) {
      throw new LedgerUnavailableException(
          "The database %s cannot be read: %s.".formatted(file, e), e);
    }
  }

  private static void refuse(Optional<String> complaint) {
    if (complaint.isPresent()) {
      throw new LedgerUnavailableException(complaint.get());
    }
  }

  /** Whether this is the file that the users' path names now. */
  boolean reads(Generations.Target current) {
    return target.equals(current);
  }

  /** From now on statements have so long before SQLite interrupts them. */
  void allow(Duration time) {
    deadlineNanos = System.nanoTime() + time.toNanos();
  }

  /** The number of the newest migration that the file has had. */
  int schemaVersion() {
    return schemaVersion;
  }

  Jdbi jdbi() {
    return jdbi;
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new LedgerUnavailableException(
          "The database %s cannot be closed: %s.".formatted(target.path(), e.getMessage()), e);
    }
  }
}
