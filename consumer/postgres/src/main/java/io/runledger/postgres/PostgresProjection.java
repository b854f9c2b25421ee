package io.runledger.postgres;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.postgres.connection.AdvisoryLock;
import io.runledger.postgres.connection.Failures;
import io.runledger.postgres.connection.LedgerUrl;
import io.runledger.postgres.connection.Purpose;
import io.runledger.postgres.connection.Sql;
import io.runledger.postgres.copy.PointCopy;
import io.runledger.postgres.schema.Generation;
import io.runledger.postgres.schema.Generations;
import io.runledger.rows.MetricRows;
import io.runledger.rows.RowProjection;
import io.runledger.rows.RowStore;
import io.runledger.rows.Statements;
import io.runledger.rows.SurrogateKeys;
import io.runledger.rows.Values;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A writer of a generation, alone or one of several: applies batches of records, each in one
 * transaction that holds the rows, the seen seq numbers and the new positions, or none of them. Not
 * thread-safe.
 *
 * <p>Its right to write is a lock of its session: who loses the connection loses it, and gets it
 * back by closing and opening again.
 */
final class PostgresProjection extends RowProjection {

  /** Keys in a block of the sequences: their INCREMENT. */
  private static final long BLOCK = 256;

  /** What the server needs to notice that the writer before is gone. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final long BETWEEN_TRIES_MILLIS = 100;

  private static final int OLDEST_SERVER = 150_000;

  private final Generation generation;
  private final Connection connection;
  private final Statements statements;

  private PostgresProjection(Generation generation, PostgresWriter writer, boolean alone) {
    this(generation, writer, new Statements(writer.connection(), PostgresRefusals.INSTANCE), alone);
  }

  private PostgresProjection(
      Generation generation, PostgresWriter writer, Statements statements, boolean alone) {
    super(
        new RowStore(
            writer,
            statements,
            metrics(writer, statements),
            alone ? Optional.empty() : Optional.of(new PostgresRunGuard(statements))),
        generation.toString());
    this.generation = generation;
    this.connection = writer.connection();
    this.statements = statements;
  }

  private static MetricRows metrics(PostgresWriter writer, Statements statements) {
    return new MetricRows(
        statements,
        new PointCopy(writer.connection(), statements),
        Values::bind,
        new SurrogateKeys(statements, "SELECT nextval('stream_ids')", BLOCK),
        new SurrogateKeys(statements, "SELECT nextval('series_ids')", BLOCK));
  }

  /**
   * Opens the generation in use for writing; creates the first one when there is none.
   *
   * @throws ProjectionInUseException when another session writes the ledger
   */
  static PostgresProjection open(LedgerUrl ledger) {
    return open(ledger, true);
  }

  /**
   * Opens the generation in use for writing next to others; creates the first one when there is
   * none.
   *
   * @throws ProjectionInUseException when another session writes the ledger alone
   */
  static PostgresProjection join(LedgerUrl ledger) {
    return open(ledger, false);
  }

  private static PostgresProjection open(LedgerUrl ledger, boolean alone) {
    try {
      Connection connection = ledger.open(Purpose.WRITE);
      try {
        refuseServer(ledger, connection);
        takeLock(ledger, connection, alone);
        Generation generation = new Generations(ledger, connection).currentUpToDate();
        return opened(generation, connection, alone);
      } catch (SQLException | RuntimeException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(ledger, "be opened", e);
    }
  }

  /**
   * Opens a generation that is not in use yet, to be filled, finished and published. The caller
   * keeps others from doing the same.
   */
  static PostgresProjection fill(Generation generation) {
    try {
      Connection connection = generation.ledger().open(Purpose.FILL);
      try {
        return opened(generation, connection, true);
      } catch (SQLException | RuntimeException e) {
        Sql.close(connection, e);
        throw e;
      }
    } catch (SQLException e) {
      throw Failures.of(generation, "be opened", e);
    }
  }

  private static PostgresProjection opened(
      Generation generation, Connection connection, boolean alone) throws SQLException {
    Sql.execute(connection, "SET search_path TO " + generation.schema());
    PostgresProjection projection =
        new PostgresProjection(generation, new PostgresWriter(connection, generation), alone);
    projection.describe(Long.toString(generation.number()), PostgresProjection.class);
    return projection;
  }

  static void refuseServer(LedgerUrl ledger, Connection connection) throws SQLException {
    String version = Sql.text(connection, "SHOW server_version_num").orElse("0");
    if (Integer.parseInt(version) < OLDEST_SERVER) {
      throw new ProjectionUnavailableException(
          "The server of %s is PostgreSQL %s; Runledger needs 15 or newer."
              .formatted(ledger, Sql.text(connection, "SHOW server_version").orElse(version)));
    }
    String encoding = Sql.text(connection, "SHOW server_encoding").orElse("");
    if (!encoding.equals("UTF8")) {
      throw new ProjectionUnavailableException(
          "The database of %s is encoded in %s, which cannot hold every text; create one with ENCODING 'UTF8'."
              .formatted(ledger, encoding));
    }
  }

  private static void takeLock(LedgerUrl ledger, Connection connection, boolean alone)
      throws SQLException {
    Instant end = Instant.now().plus(PATIENCE);
    while (!(alone
        ? AdvisoryLock.WRITER.tryTake(connection, ledger)
        : AdvisoryLock.WRITER.tryShare(connection, ledger))) {
      if (Instant.now().isAfter(end)) {
        throw new ProjectionInUseException(
            "The database %s is already being written by %s; %s."
                .formatted(
                    ledger,
                    AdvisoryLock.WRITER.holder(connection, ledger),
                    alone
                        ? "this needs it alone"
                        : "what that one does needs the database alone, so try again when it is done"));
      }
      try {
        TimeUnit.MILLISECONDS.sleep(BETWEEN_TRIES_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new ProjectionUnavailableException(
            "Opening the database %s was interrupted.".formatted(ledger), e);
      }
    }
  }

  /** Whether the ledger still shows this generation. */
  @Override
  public boolean isCurrent() {
    Generations generations = new Generations(generation.ledger(), connection);
    return transactions()
        .read("say which generation is in use", generations::current)
        .equals(Optional.of(generation));
  }

  /** The server does on its own what a file needs after a batch. */
  @Override
  protected void afterBatch() {}

  @Override
  public void finish() {
    try {
      Sql.execute(connection, "ANALYZE");
      FailPoint.hit("analyzed");
      // All that was committed before this is on disk when it returns.
      Sql.execute(connection, "SET synchronous_commit = on");
      transactions()
          .change("become durable", () -> Sql.execute(connection, "SELECT pg_current_xact_id()"));
      FailPoint.hit("checked");
    } catch (SQLException e) {
      throw transactions().unavailable("be finished", e);
    }
  }

  /** The server's log is not the ledger's to look after. */
  @Override
  public long writeAheadLogBytes() {
    return 0;
  }

  @Override
  public void emptyWriteAheadLogIfUnread() {}

  @Override
  public void close() {
    try {
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw transactions().unavailable("be closed", e);
    }
  }
}
