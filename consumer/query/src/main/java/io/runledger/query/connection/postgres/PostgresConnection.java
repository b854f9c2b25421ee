package io.runledger.query.connection.postgres;

import io.runledger.config.DatabaseLocation;
import io.runledger.query.connection.StoredText;
import io.runledger.query.dialect.Store;
import io.runledger.query.failure.LedgerNotFoundException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatements;

/** A session that can only read, and only one generation. Used by one thread at a time. */
final class PostgresConnection implements AutoCloseable {

  /** Statements of a filter are many; those without one are some dozens. */
  private static final int TEXTS_KEPT = 500;

  private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();

  private final PostgresAddress address;
  private final Connection connection;
  private final Jdbi jdbi;
  private final String settle;
  private Optional<String> schema = Optional.empty();
  private boolean isMarked;

  private PostgresConnection(PostgresAddress address, Connection connection) {
    this.address = address;
    this.connection = connection;
    this.jdbi = jdbi(connection);
    this.settle =
        """
        SELECT schema, set_config('search_path', quote_ident(schema) || ', pg_temp', true),
               set_config('statement_timeout', ?, true)
          FROM %s.current_generation
        """
            .formatted(address.base());
  }

  private static Jdbi jdbi(Connection connection) {
    Jdbi jdbi = Jdbi.create(connection).registerArgument(new StoredText());
    jdbi.getConfig(Store.class).setPostgres();
    return jdbi.configure(
        SqlStatements.class,
        statements -> statements.setTemplateEngine((text, context) -> rendered(text)));
  }

  private static String rendered(String text) {
    String known = TEXTS.get(text);
    if (known != null) {
      return known;
    }
    String rendered = PostgresText.of(text);
    if (TEXTS.size() < TEXTS_KEPT) {
      TEXTS.put(text, rendered);
    }
    return rendered;
  }

  static PostgresConnection open(PostgresAddress address) throws SQLException {
    Connection connection = address.open();
    try (Statement statement = connection.createStatement()) {
      // Each question is planned for its own parameters: a plan for any would take the wrong path
      // for the few that ask for much.
      statement.execute(
          DatabaseLocation.Server.EXACT
              + """
          SET default_transaction_read_only = on;
          SET default_transaction_isolation = 'repeatable read';
          SET plan_cache_mode = force_custom_plan;
          SET statement_timeout = '30s';
          SET TimeZone = 'UTC'""");
      connection.setReadOnly(true);
      return new PostgresConnection(address, connection);
    } catch (SQLException e) {
      try {
        connection.close();
      } catch (SQLException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /**
   * Begins a moment, inside of a transaction: from now on the tables are those of the generation in
   * use, and statements have so long.
   *
   * @return whether it is the generation that this session has read before, if any: what the server
   *     has prepared for another one may not fit
   * @throws LedgerNotFoundException when there is no ledger
   */
  boolean settle(Duration limit) throws SQLException {
    isMarked = false;
    try (PreparedStatement statement = connection.prepareStatement(settle)) {
      statement.setString(1, millis(limit));
      try (ResultSet row = statement.executeQuery()) {
        if (!row.next()) {
          throw absent();
        }
        String current = row.getString(1);
        boolean isSame = schema.isEmpty() || schema.get().equals(current);
        schema = Optional.of(current);
        return isSame;
      }
    } catch (SQLException e) {
      if (PostgresFailures.isMissing(e)) {
        LedgerNotFoundException absent = absent();
        absent.initCause(e);
        throw absent;
      }
      throw e;
    }
  }

  private LedgerNotFoundException absent() {
    return new LedgerNotFoundException(
        "There is no ledger at %s; specify it with --db, or let 'runledger consume' or 'follow' create it."
            .formatted(address));
  }

  /**
   * Marks a place in the transaction, behind which statements have so long: one that fails ends the
   * transaction, unless it goes back to a mark.
   */
  void mark(Duration limit) throws SQLException {
    execute(
        (isMarked ? "RELEASE mark; " : "")
            + "SAVEPOINT mark; SET LOCAL statement_timeout = "
            + millis(limit));
    isMarked = true;
  }

  /** Goes back to the mark, so that statements are answered again. */
  void backToMark() throws SQLException {
    execute("ROLLBACK TO mark");
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** Zero would be no limit. */
  private static String millis(Duration time) {
    return Long.toString(Math.max(1, time.toMillis()));
  }

  Jdbi jdbi() {
    return jdbi;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
