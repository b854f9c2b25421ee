package io.runledger.sqlite;

import io.runledger.config.FailPoint;
import io.runledger.fold.alert.AlertRules;
import io.runledger.fold.alert.CarriedFiring;
import io.runledger.fold.alert.DueDelivery;
import io.runledger.fold.alert.Firing;
import io.runledger.fold.apply.BatchFold;
import io.runledger.fold.batch.AcceptedGap;
import io.runledger.fold.batch.Batch;
import io.runledger.fold.batch.BatchResult;
import io.runledger.fold.batch.DeadLetter;
import io.runledger.fold.batch.Decoded;
import io.runledger.fold.batch.Dismissal;
import io.runledger.fold.batch.IncomingRecord;
import io.runledger.fold.batch.Position;
import io.runledger.fold.projection.Projection;
import io.runledger.fold.projection.ProjectionDamagedException;
import io.runledger.fold.projection.ProjectionInUseException;
import io.runledger.fold.projection.ProjectionUnavailableException;
import io.runledger.sqlite.file.Damage;
import io.runledger.sqlite.file.Database;
import io.runledger.sqlite.file.Durability;
import io.runledger.sqlite.file.Generation;
import io.runledger.sqlite.file.MountTable;
import io.runledger.sqlite.file.WriteAheadLog;
import io.runledger.sqlite.file.WriterLock;
import io.runledger.sqlite.rows.DeadLetterRows;
import io.runledger.sqlite.rows.DeliveryRows;
import io.runledger.sqlite.rows.Positions;
import io.runledger.sqlite.rows.SqliteStore;
import io.runledger.sqlite.rows.Statements;
import io.runledger.sqlite.rows.Transactions;
import io.runledger.sqlite.rows.WriterSchemaRows;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The one writer of a database: applies batches of records, each in one transaction that holds the
 * rows, the seen seq numbers and the new positions, or none of them. Not thread-safe.
 *
 * <p>Every method throws {@link ProjectionUnavailableException} when the database cannot be used
 * now; nothing is changed then, and the same call may be made again after {@link #close()} and
 * {@link #open}. {@link ProjectionDamagedException} says that this would not help.
 */
public final class SqliteProjection implements Projection {

  private final Generation generation;
  private final Optional<WriterLock> lock;
  private final Connection connection;
  private final Statements statements;
  private final Transactions transactions;
  private final Positions positions;
  private final DeadLetterRows deadLetters;
  private final DeliveryRows deliveries;
  private final WriterSchemaRows schemas;
  private final BatchFold fold;
  private final WriteAheadLog log;

  private SqliteProjection(
      Generation generation, Optional<WriterLock> lock, Connection connection) {
    this.generation = generation;
    this.lock = lock;
    this.connection = connection;
    this.statements = new Statements(connection);
    SqliteStore store = new SqliteStore(connection, generation, statements);
    this.transactions = store.transactions();
    this.positions = store.positions();
    this.deadLetters = store.deadLetters();
    this.deliveries = new DeliveryRows(statements);
    this.schemas = new WriterSchemaRows(statements);
    this.fold = new BatchFold(store, generation.file().toString());
    this.log = new WriteAheadLog(connection, generation.file());
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
      projection.transactions.read("move its log into the file", projection.log::empty);
    }
    first.publish();
    return first;
  }

  private static SqliteProjection opened(
      Generation generation, Optional<WriterLock> lock, Durability durability) {
    Connection connection = Database.open(generation, durability);
    SqliteProjection projection = new SqliteProjection(generation, lock, connection);
    try {
      projection.describe();
      projection.deriveWhatChanged();
      return projection;
    } catch (RuntimeException e) {
      Database.close(connection, e);
      throw e;
    }
  }

  private void describe() {
    String version = SqliteProjection.class.getPackage().getImplementationVersion();
    transactions.change(
        "describe itself",
        () -> {
          describe("generation", Long.toString(generation.number()));
          describe("builder_version", version == null ? "development" : version);
        });
  }

  /** Brings rows up to date that an older version derived. */
  private void deriveWhatChanged() {
    boolean outdated =
        transactions.read(
            "read what it was built by",
            () ->
                statements
                    .first("SELECT 1 FROM projection_info WHERE name = 'derive_all'", row -> true)
                    .isPresent());
    if (outdated) {
      fold.deriveAll(
          () -> statements.update("DELETE FROM projection_info WHERE name = 'derive_all'"));
    }
  }

  private void describe(String name, String value) {
    statements.update(
        """
        INSERT INTO projection_info (name, value) VALUES (?1, ?2)
        ON CONFLICT (name) DO UPDATE SET value = ?2
        """,
        name,
        value);
  }

  /** The generation that this writer writes. */
  public Generation generation() {
    return generation;
  }

  @Override
  public String name() {
    return generation.file().toString();
  }

  /** Whether the users' path still names this generation. */
  @Override
  public boolean isCurrent() {
    return Generation.current(generation.database()).equals(Optional.of(generation));
  }

  @Override
  public List<Position> positions() {
    return transactions.read("read its positions", positions::all);
  }

  @Override
  public void claim(String owner, List<Position> initial) {
    transactions.change(
        "claim its positions",
        () -> {
          positions.claim(owner, initial);
        });
  }

  @Override
  public void addPositions(List<Position> added) {
    transactions.change("add positions", () -> added.forEach(positions::add));
  }

  @Override
  public BatchResult apply(Batch batch) {
    BatchResult result = fold.apply(batch);
    transactions.read("move its log into the file", log::moveWhenLong);
    return result;
  }

  @Override
  public Optional<String> schema(int id) {
    return transactions.read("read a writer schema", () -> schemas.find(id));
  }

  @Override
  public void rememberSchema(int id, String schema) {
    transactions.change("keep a writer schema", () -> schemas.add(id, schema));
  }

  @Override
  public void recordGap(Position at, long fromOffset, long toOffset, String reason) {
    transactions.change("note a gap", () -> positions.gap(at, fromOffset, toOffset, reason));
  }

  @Override
  public void acceptGaps(List<AcceptedGap> gaps) {
    transactions.change(
        "accept gaps",
        () -> {
          for (AcceptedGap gap : gaps) {
            positions.gap(gap.at(), gap.fromOffset(), gap.toOffset(), gap.reason());
            positions.remove(gap.at());
            if (gap.resumeAt().isPresent()) {
              positions.add(gap.resumeAt().get());
            }
          }
        });
  }

  @Override
  public long gaps() {
    return transactions.read("count its gaps", positions::gaps);
  }

  @Override
  public List<DeadLetter> deadLetters() {
    return transactions.read("read its dead letters", deadLetters::all);
  }

  @Override
  public Optional<DeadLetter> deadLetter(long id) {
    return transactions.read("read a dead letter", () -> deadLetters.find(id));
  }

  @Override
  public Optional<String> retry(DeadLetter letter, Decoded decoded, Instant now) {
    return fold.applyAgain(
        new IncomingRecord(
            letter.source(), letter.key(), letter.value(), letter.headersJson(), decoded),
        () -> {
          deadLetters.retried(letter.id(), now);
          return Optional.empty();
        },
        refusal -> {
          deadLetters.refusedAgain(letter.id(), now);
          return Optional.of(refusal.getMessage());
        });
  }

  @Override
  public boolean dismiss(long id, String reason, Instant now) {
    return transactions.run("dismiss a dead letter", () -> deadLetters.dismiss(id, reason, now));
  }

  @Override
  public void carryDismissal(Dismissal dismissal) {
    transactions.change(
        "carry a dismissal over",
        () -> {
          deadLetters.carry(dismissal);
        });
  }

  @Override
  public void watch(AlertRules rules) {
    fold.watch(rules);
  }

  @Override
  public void lookForSilence() {
    fold.lookForSilence();
  }

  @Override
  public List<DueDelivery> dueDeliveries(String delivery, Instant now, int limit) {
    return transactions.read(
        "read which alerts are due", () -> deliveries.due(delivery, now, limit));
  }

  @Override
  public Optional<Instant> nextDelivery(String delivery) {
    return transactions.read("read when an alert is due", () -> deliveries.next(delivery));
  }

  @Override
  public void delivered(Firing firing, String delivery, Instant now) {
    transactions.change(
        "record that an alert was delivered",
        () -> deliveries.delivered(firing.id(), delivery, now));
  }

  @Override
  public void notDelivered(Firing firing, String delivery, String why, Optional<Instant> nextTry) {
    transactions.change(
        "record that an alert was not delivered",
        () -> deliveries.notDelivered(firing.id(), delivery, why, nextTry));
  }

  @Override
  public void giveUpDeliveriesBut(List<String> names) {
    transactions.change("give up alerts", () -> deliveries.giveUpBut(names));
  }

  @Override
  public long pendingDeliveries() {
    return transactions.read("count the alerts that wait", deliveries::pending);
  }

  @Override
  public List<CarriedFiring> firingsSince(Instant since) {
    return transactions.read("read its alerts", () -> deliveries.since(since));
  }

  @Override
  public void carryFirings(List<CarriedFiring> firings) {
    transactions.change("carry alerts over", () -> firings.forEach(deliveries::carry));
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
      throw transactions.unavailable("finish", e);
    }
  }

  @Override
  public long writeAheadLogBytes() {
    return log.bytes();
  }

  @Override
  public void emptyWriteAheadLogIfUnread() {
    transactions.read("empty its log", log::emptyIfNobodyReads);
  }

  @Override
  public void close() {
    try {
      statements.close();
      connection.close();
    } catch (SQLException e) {
      throw transactions.unavailable("be closed", e);
    } finally {
      lock.ifPresent(WriterLock::close);
    }
  }
}
