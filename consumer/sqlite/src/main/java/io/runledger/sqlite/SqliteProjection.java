package io.runledger.sqlite;

import io.runledger.config.FailPoint;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.rows.MetricRows;
import io.runledger.rows.RowProjection;
import io.runledger.rows.RowStore;
import io.runledger.rows.Statements;
import io.runledger.rows.SurrogateKeys;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.Durability;
import io.runledger.sqlite.file.Generation;
import io.runledger.sqlite.file.MountTable;
import io.runledger.sqlite.file.WriteAheadLog;
import io.runledger.sqlite.file.WriterLock;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

/**
 * The one writer of a database: applies batches of records, each in one transaction that holds the
 * rows, the seen seq numbers and the new positions, or none of them. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when the database cannot be used
 * now; nothing is changed then, and the same call may be made again after {@link #close()} and
 * {@link #open}. {@link ProjectionDamagedException} says that this would not help.
 */
public final class SqliteProjection extends RowProjection {

  private final Generation generation;
  private final Optional<WriterLock> lock;
  private final Connection connection;
  private final Statements statements;
  private final WriteAheadLog log;

  private SqliteProjection(Generation generation, Optional<WriterLock> lock, SqliteWriter writer) {
    this(generation, lock, writer, new Statements(writer.connection(), SqliteRefusals.INSTANCE));
  }

  private SqliteProjection(
      Generation generation,
      Optional<WriterLock> lock,
      SqliteWriter writer,
      Statements statements) {
    super(new RowStore(writer, statements, metrics(statements)), generation.file().toString());
    this.generation = generation;
    this.lock = lock;
    this.connection = writer.connection();
    this.statements = statements;
    this.log = new WriteAheadLog(connection, generation.file());
  }

  private static MetricRows metrics(Statements statements) {
    return new MetricRows(
        statements,
        new PointRows(statements),
        PointRows::bindEpoch,
        new SurrogateKeys(
            statements,
            "SELECT coalesce(max(stream_id), 0) + 1 FROM event_streams",
            SurrogateKeys.ALL),
        new SurrogateKeys(
            statements,
            "SELECT coalesce(max(series_id), 0) + 1 FROM metric_series",
            SurrogateKeys.ALL));
  }

  /**
   * Opens the database for writing; creates it when it is not there.
   *
   * @param database the path that users name
   * @throws ProjectionInUseException when another process writes it
   * @throws ProjectionDamagedException when its file is damaged; a longer one than 512 MiB is not
   *     read as a whole, and its damage comes to light where it is met
   */
  public static SqliteProjection open(Path database) {
    Path path = database.toAbsolutePath();
    Database.prepareDirectory(path, MountTable.OF_THIS_PROCESS);
    WriterLock lock = WriterLock.take(path);
    try {
      Damage.refuseAtOpening(path);
      Generation.adopt(path);
      Generation generation = Generation.current(path).orElseGet(() -> created(path));
      return opened(generation, Optional.of(lock), Durability.LIVE);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Opens a new generation that is not in use yet, to be filled, finished and published. The caller
   * keeps others from doing the same.
   */
  public static SqliteProjection create(Generation generation) {
    Database.prepareDirectory(generation.database(), MountTable.OF_THIS_PROCESS);
    SqliteProjection created = opened(generation, Optional.empty(), Durability.REBUILD);
    FailPoint.hit("generation-created");
    return created;
  }

  private static Generation created(Path database) {
    Generation first = Generation.next(database);
    try (SqliteProjection projection = opened(first, Optional.empty(), Durability.LIVE)) {
      projection.transactions().read("move its log into the file", projection.log::empty);
    }
    first.publish();
    return first;
  }

  private static SqliteProjection opened(
      Generation generation, Optional<WriterLock> lock, Durability durability) {
    Connection connection = Database.open(generation, durability);
    try {
      SqliteProjection projection =
          new SqliteProjection(generation, lock, new SqliteWriter(connection, generation));
      projection.describe(Long.toString(generation.number()), SqliteProjection.class);
      return projection;
    } catch (RuntimeException e) {
      Database.close(connection, e);
      throw e;
    }
  }

  /** The generation that this writer writes. */
  public Generation generation() {
    return generation;
  }

  /** Whether the users' path still names this generation. */
  @Override
  public boolean isCurrent() {
    return Generation.current(generation.database()).equals(Optional.of(generation));
  }

  @Override
  protected void afterBatch() {
    transactions().read("move its log into the file", log::moveWhenLong);
  }

  @Override
  public void finish() {
    try {
      // A sample is enough to choose an index by, and takes no longer for a longer history.
      Database.execute(connection, "PRAGMA analysis_limit = 1000");
      Database.execute(connection, "ANALYZE");
      FailPoint.hit("analyzed");
      Database.execute(connection, "PRAGMA synchronous = FULL");
      String mode = Database.text(connection, "PRAGMA journal_mode = WAL");
      if (!mode.equals("wal")) {
        throw new ProjectionUnavailableException(
            "The new generation %s cannot keep a write-ahead log (it stays in mode %s); put the database on a local disk."
                .formatted(generation.file(), mode));
      }
      FailPoint.hit("log-turned-on");
      log.empty();
      FailPoint.hit("log-emptied");
      // Last, because the connection keeps the lock of the check until it is closed.
      String damage = Database.text(connection, "PRAGMA integrity_check(1)");
      if (!damage.equals("ok")) {
        throw new ProjectionUnavailableException(
            "The new generation %s is damaged (%s), so it was not put in place. Check the disk and rebuild again."
                .formatted(generation.file(), damage));
      }
      FailPoint.hit("checked");
    } catch (SQLException e) {
      throw transactions().unavailable("finish", e);
    }
  }

  @Override
  public long writeAheadLogBytes() {
    return log.bytes();
  }

  @Override
  public void emptyWriteAheadLogIfUnread() {
    transactions().read("empty its log", log::emptyIfNobodyReads);
  }

  @Override
  public void close() {
    try {
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw transactions().unavailable("be closed", e);
    } finally {
      lock.ifPresent(WriterLock::close);
    }
  }
}
