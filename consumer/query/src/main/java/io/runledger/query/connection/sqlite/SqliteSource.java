package io.runledger.query.connection.sqlite;

import io.runledger.config.DatabaseFile;
import io.runledger.query.connection.HeldTransaction;
import io.runledger.query.connection.JdbiFailures;
import io.runledger.query.connection.LedgerSource;
import io.runledger.query.connection.Moment;
import io.runledger.query.connection.UserStatement;
import io.runledger.query.connection.WatchingConnection;
import io.runledger.query.failure.LedgerException;
import io.runledger.query.failure.LedgerUnavailableException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * Lends each reader its own connection, to the generation that the users' path names at that
 * moment; idle ones to an older generation are closed. Thread-safe: the list of idle connections is
 * guarded by its monitor, and a connection is in one reader's hands only.
 */
public final class SqliteSource implements LedgerSource {

  /** A swap can make the file vanish while it is opened; hardly twice in a row. */
  private static final int ATTEMPTS = 3;

  /** The clock of deadlines has nanoseconds of 292 years. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** More idle connections than this are not kept. */
  private static final int IDLE = 8;

  private final Path database;
  private final Duration limit;
  private final Deque<SqliteConnection> idle = new ArrayDeque<>();
  private boolean closed;

  /** Of the generation that was opened last. */
  private volatile int schema = DatabaseFile.SCHEMA_VERSION;

  public SqliteSource(Path database, Duration limit) {
    this.database = database.toAbsolutePath();
    this.limit = limit.compareTo(LONGEST) > 0 ? LONGEST : limit;
  }

  @Override
  public <T> T read(Reading<T> reading) {
    return onCurrent(target -> read(target, reading));
  }

  @Override
  public Moment hold(Duration longest) {
    return onCurrent(
        target -> {
          SqliteConnection connection = take(target);
          try {
            return new Moment(
                this,
                new Held(connection),
                "the write-ahead log of the database can shrink",
                longest);
          } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
          }
        });
  }

  /** A transaction that has read its first page. */
  private final class Held implements HeldTransaction {
    private final SqliteConnection connection;
    private final Handle handle;

    Held(SqliteConnection connection) throws SQLException {
      this.connection = connection;
      connection.allow(limit);
      this.handle = connection.jdbi().open();
      try {
        handle.begin();
        // SQLite settles on a state with the first page that it reads, and not before.
        handle.createQuery("SELECT count(*) FROM projection_info").mapTo(Long.class).one();
      } catch (JdbiException e) {
        throw JdbiFailures.cause(e);
      }
    }

    @Override
    public Handle handle() {
      return handle;
    }

    @Override
    public void ask(Duration time) {
      connection.allow(time.compareTo(limit) < 0 ? time : limit);
    }

    /** A statement that fails leaves nothing behind. */
    @Override
    public void recover() {}

    @Override
    public void end() {
      try {
        handle.rollback();
        handle.close();
      } catch (JdbiException e) {
        connection.close();
        throw e;
      }
      giveBack(connection);
    }
  }

  @Override
  public UserStatement statement(String text) {
    return SqliteStatement.of(text);
  }

  @Override
  public WatchingConnection watching() {
    return new SqliteWatching(this);
  }

  Generations.Target current() {
    return Generations.current(database);
  }

  /** Something that is done with a generation. */
  private interface Use<T> {
    T of(Generations.Target target) throws SQLException;
  }

  private <T> T onCurrent(Use<T> use) {
    for (int attempt = 1; ; attempt++) {
      Generations.Target target = Generations.current(database);
      try {
        return use.of(target);
      } catch (SQLException e) {
        if (attempt == ATTEMPTS || Generations.current(database).equals(target)) {
          throw unavailable(e);
        }
      }
    }
  }

  private <T> T read(Generations.Target target, Reading<T> reading) throws SQLException {
    SqliteConnection connection = take(target);
    boolean sound = false;
    try {
      connection.allow(limit);
      T result = connection.jdbi().inTransaction(reading::from);
      sound = true;
      return result;
    } catch (LedgerException e) {
      sound = true;
      throw e;
    } catch (JdbiException e) {
      throw JdbiFailures.cause(e);
    } finally {
      if (sound) {
        giveBack(connection);
      } else {
        connection.close();
      }
    }
  }

  private SqliteConnection take(Generations.Target target) throws SQLException {
    synchronized (idle) {
      if (closed) {
        throw new IllegalStateException("The ledger " + database + " was closed.");
      }
      while (!idle.isEmpty()) {
        SqliteConnection connection = idle.pop();
        if (connection.reads(target)) {
          return connection;
        }
        connection.close();
      }
    }
    SqliteConnection opened = SqliteConnection.open(target);
    schema = opened.schemaVersion();
    return opened;
  }

  private void giveBack(SqliteConnection connection) {
    synchronized (idle) {
      if (!closed && idle.size() < IDLE) {
        idle.push(connection);
        return;
      }
    }
    connection.close();
  }

  Duration limit() {
    return limit;
  }

  @Override
  public String location() {
    return database.toString();
  }

  @Override
  public LedgerUnavailableException unavailable(SQLException e) {
    SQLiteErrorCode code =
        e instanceof SQLiteException sqlite
            ? sqlite.getResultCode()
            : SQLiteErrorCode.UNKNOWN_ERROR;
    String sentence =
        switch (code.code & 0xff) {
          case 9 /* INTERRUPT */ ->
              "The query on %s was stopped after %d ms; narrow it, for example with --limit or --since, or give an SQL statement more time with --timeout."
                  .formatted(database, limit.toMillis());
          case 1 /* ERROR */, 20 /* MISMATCH */, 18 /* TOOBIG */ ->
              "SQLite refused the statement on %s: %s.%s"
                  .formatted(database, wordsOfSqlite(e), ofAnEarlierVersion());
          case 5 /* BUSY */ ->
              "The database %s is locked by another process; try again in a moment."
                  .formatted(database);
          case 14 /* CANTOPEN */, 8 /* READONLY */ ->
              "The database %s cannot be opened (%s); its directory must be writable to you unless the service runs, because SQLite keeps a file for readers next to it."
                  .formatted(database, e.getMessage());
          case 26 /* NOTADB */, 11 /* CORRUPT */ ->
              "%s is not a database, or is damaged (%s); 'runledger rebuild' builds it again from the topics."
                  .formatted(database, e.getMessage());
          default -> "The database %s cannot be read: %s.".formatted(database, reason(e));
        };
    return new LedgerUnavailableException(sentence, e);
  }

  /**
   * Without the driver's reading of the code, which speaks of a missing database where a column is.
   */
  private static String wordsOfSqlite(SQLException e) {
    return e.getMessage().replaceFirst("(?s)^\\[SQLITE_[A-Z_]+\\] [^(]*\\((.*)\\)$", "$1");
  }

  /** A word on what the statement may miss; empty where the schema is ours. */
  private String ofAnEarlierVersion() {
    return schema >= DatabaseFile.SCHEMA_VERSION
        ? ""
        : " The database has the schema of an earlier version of Runledger (%d, not %d); the service of this version updates it when it starts."
            .formatted(schema, DatabaseFile.SCHEMA_VERSION);
  }

  /** The driver's message and its cause, which names a library that is missing. */
  static String reason(SQLException e) {
    return e.getCause() == null ? e.getMessage() : e.getMessage() + " (" + e.getCause() + ")";
  }

  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
      while (!idle.isEmpty()) {
        idle.pop().close();
      }
    }
  }
}
