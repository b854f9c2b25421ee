package io.runledger.query.connection;

import io.runledger.config.DatabaseFile;
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
public final class ReadConnections implements AutoCloseable {

  /** A swap can make the file vanish while it is opened; hardly twice in a row. */
  private static final int ATTEMPTS = 3;

  /** The clock of deadlines has nanoseconds of 292 years. */
  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** More idle connections than this are not kept. */
  private static final int IDLE = 8;

  /** Something that reads, within one transaction. */
  public interface Reading<T> {
    T from(Handle handle) throws SQLException;
  }

  private final Path database;
  private final Duration limit;
  private final Deque<ReadConnection> idle = new ArrayDeque<>();
  private boolean closed;

  /** Of the generation that was opened last. */
  private volatile int schema = DatabaseFile.SCHEMA_VERSION;

  public ReadConnections(Path database, Duration limit) {
    this.database = database.toAbsolutePath();
    this.limit = limit.compareTo(LONGEST) > 0 ? LONGEST : limit;
  }

  /** Reads as of one moment: the writer's commits meanwhile are not seen. */
  public <T> T read(Reading<T> reading) {
    return onCurrent(target -> read(target, reading));
  }

  /**
   * Takes a connection and keeps it at this moment until the moment is closed, but no longer than
   * so long.
   */
  public Moment hold(Duration longest) {
    return onCurrent(
        target -> {
          ReadConnection connection = take(target);
          try {
            connection.allow(limit);
            return new Moment(this, connection, longest);
          } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
          }
        });
  }

  /** A connection to watch the database with, not opened yet. */
  public HeldConnection watching() {
    return new HeldConnection(this);
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
    ReadConnection connection = take(target);
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
      throw cause(e);
    } finally {
      if (sound) {
        giveBack(connection);
      } else {
        connection.close();
      }
    }
  }

  static SQLException cause(JdbiException e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql) {
        return sql;
      }
    }
    // A mistake of ours, not the database's.
    throw e;
  }

  private ReadConnection take(Generations.Target target) throws SQLException {
    synchronized (idle) {
      if (closed) {
        throw new IllegalStateException("The ledger " + database + " was closed.");
      }
      while (!idle.isEmpty()) {
        ReadConnection connection = idle.pop();
        if (connection.reads(target)) {
          return connection;
        }
        connection.close();
      }
    }
    ReadConnection opened = ReadConnection.open(target);
    schema = opened.schemaVersion();
    return opened;
  }

  void giveBack(ReadConnection connection) {
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

  /** What went wrong, as a sentence. */
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
